import pytest

from fhir_server.definitions import Definitions, load_definitions


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    """The definitions of R4, read once for all tests of a worker."""
    return load_definitions()
