"""The demo clinic, made once for all tests that look at it; costs about a second."""

import pytest

from fhir_server.demo.demo_clinic import demo_clinic
from fhir_server.demo.elements import Resource


@pytest.fixture(scope="session")
def clinic() -> list[Resource]:
    """Return the resources of the clinic as `neonpro load --demo` makes it."""
    return list(demo_clinic(1))


@pytest.fixture(scope="session")
def patients(clinic: list[Resource]) -> list[Resource]:
    """Return the Patients of the clinic."""
    return [found for found in clinic if found["resourceType"] == "Patient"]
