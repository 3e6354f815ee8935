import pytest

from fhir_server.definitions import Definitions, load_definitions
from fhir_server.validation.structure import StructuralValidator


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    """The definitions of R4, read once for all tests of a worker."""
    return load_definitions()


@pytest.fixture(scope="session")
def validator(definitions: Definitions) -> StructuralValidator:
    """A validator with its default limits."""
    return StructuralValidator(definitions)
