from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from fhir_server.core.json import dump
from fhir_server.definitions import load_definitions
from fhir_server.demo.demo_clinic import REFERENCE_DATE, demo_clinic
from fhir_server.demo.elements import Resource
from fhir_server.validation.structure import StructuralValidator

LAST_FREE_DAY = date(2026, 9, 21)


def key(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def values_of(value: Any, name: str) -> Iterator[str]:
    """Yield the strings of every member `name` at any depth."""
    if isinstance(value, dict):
        for member, inner in value.items():
            if member == name and isinstance(inner, str):
                yield inner
            yield from values_of(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from values_of(inner, name)


def test_the_same_arguments_make_the_same_resources() -> None:
    assert list(demo_clinic(7, patients=10)) == list(demo_clinic(7, patients=10))


def test_another_seed_makes_another_clinic_with_other_ids() -> None:
    one = {key(resource) for resource in demo_clinic(1, patients=5)}
    other = {key(resource) for resource in demo_clinic(2, patients=5)}
    assert one.isdisjoint(other)


def test_every_resource_has_an_id_of_its_own(clinic: list[Resource]) -> None:
    assert max(Counter(map(key, clinic)).values()) == 1


def test_every_reference_points_to_a_resource_that_came_before(clinic: list[Resource]) -> None:
    seen: set[str] = set()
    for resource in clinic:
        assert set(values_of(resource, "reference")) <= seen
        seen.add(key(resource))


def test_every_resource_is_structurally_valid(clinic: list[Resource]) -> None:
    validator = StructuralValidator(load_definitions())
    assert [issue for resource in clinic for issue in validator.issues(dump(resource))] == []


def test_another_implementation_accepts_every_type_that_occurs(clinic: list[Resource]) -> None:
    met: Counter[str] = Counter()
    for resource in clinic:
        met[resource["resourceType"]] += 1
        if met[resource["resourceType"]] <= 10:
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_the_clinic_is_as_large_and_varied_as_one_would_expect(clinic: list[Resource]) -> None:
    met = Counter(resource["resourceType"] for resource in clinic)
    assert met["Patient"] == 200
    assert met["Consent"] == 200
    assert met["Organization"] == 4
    for resource_type, least in {
        "Observation": 2000,
        "Slot": 1000,
        "Appointment": 400,
        "Encounter": 300,
        "Immunization": 400,
        "Condition": 150,
        "MedicationRequest": 150,
        "DiagnosticReport": 150,
        "Coverage": 50,
        "AllergyIntolerance": 15,
        "RelatedPerson": 30,
        "Practitioner": 12,
        "PractitionerRole": 12,
        "HealthcareService": 12,
        "Schedule": 12,
        "Location": 6,
    }.items():
        assert met[resource_type] >= least, resource_type


def test_every_resource_says_that_it_is_test_data(clinic: list[Resource]) -> None:
    assert all(resource["meta"]["tag"][0]["code"] == "HTEST" for resource in clinic)


def test_no_half_hour_of_a_diary_is_given_twice(clinic: list[Resource]) -> None:
    slots = [resource for resource in clinic if resource["resourceType"] == "Slot"]
    taken = Counter((slot["schedule"]["reference"], slot["start"]) for slot in slots)
    assert max(taken.values()) == 1
    assert {slot["status"] for slot in slots} == {"busy", "free"}


def test_slots_lie_in_working_hours_and_within_the_horizon_of_their_diary(clinic: list[Resource]) -> None:
    horizons = {
        key(resource): resource["planningHorizon"] for resource in clinic if resource["resourceType"] == "Schedule"
    }
    for slot in clinic:
        if slot["resourceType"] == "Slot":
            start = datetime.fromisoformat(slot["start"])
            horizon = horizons[slot["schedule"]["reference"]]
            assert start.weekday() < 5
            assert 8 <= start.hour < 17
            assert horizon["start"] <= slot["start"][:10] <= horizon["end"]


def test_only_what_is_booked_lies_after_the_reference_date(clinic: list[Resource]) -> None:
    assert REFERENCE_DATE.weekday() == 0
    for resource in clinic:
        match resource["resourceType"]:
            case "Encounter":
                assert resource["period"]["start"][:10] <= REFERENCE_DATE.isoformat()
            case "Immunization":
                assert resource["occurrenceDateTime"][:10] <= REFERENCE_DATE.isoformat()
            case "Appointment":
                ahead = resource["start"][:10] > REFERENCE_DATE.isoformat()
                assert ahead == (resource["status"] == "booked")
                assert resource["start"][:10] <= LAST_FREE_DAY.isoformat()


def test_nothing_happens_before_birth_or_after_death(clinic: list[Resource], patients: list[Resource]) -> None:
    lives = {key(patient): (patient["birthDate"], patient.get("deceasedDateTime", "9999")) for patient in patients}
    for resource in clinic:
        when = resource.get("occurrenceDateTime") or resource.get("period", {}).get("start")
        whom = (resource.get("patient") or resource.get("subject") or {}).get("reference")
        if when and whom in lives:
            born, died = lives[whom]
            assert born <= when[:10] <= died


def test_a_smaller_clinic_has_the_same_first_patients(patients: list[Resource]) -> None:
    small = [found for found in demo_clinic(1, patients=3) if found["resourceType"] == "Patient"]
    assert small == patients[:3]
