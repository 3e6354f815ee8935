from collections.abc import Iterator

import pytest

from tests.plugins.process import Neonpro, running_neonpro
from tests.plugins.servers import temporary_folder


@pytest.fixture(scope="package")
def server() -> Iterator[Neonpro]:
    """Yield the server of these tests; each finds what it stored by its ids."""
    with temporary_folder() as folder, running_neonpro(folder) as started:
        yield started
