"""The definitions of R4, loaded once for all tests of this folder (some 20 ms)."""

import pytest

from fhir_server.definitions import Definitions, load_definitions


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    return load_definitions()
