from collections.abc import Iterator

import pytest

from tests.plugins.process import Neonpro, running_neonpro
from tests.plugins.servers import temporary_folder


@pytest.fixture(scope="module")
def server() -> Iterator[Neonpro]:
    """Yield a server that holds nothing but what the tests of one module store."""
    with temporary_folder() as folder, running_neonpro(folder) as started:
        yield started
