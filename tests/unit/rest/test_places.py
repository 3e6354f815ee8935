import pytest

from fhir_server.core.errors import FhirError, Invalid, MethodNotAllowed, NotFound, UnknownType
from fhir_server.rest.places import (
    INSTANCE,
    INSTANCE_HISTORY,
    INTERACTIONS,
    METADATA,
    SYSTEM,
    SYSTEM_HISTORY,
    TYPE,
    TYPE_HISTORY,
    VERSION,
    Place,
    allowed_at,
    interaction_at,
    place_of,
    require_id,
)

STORED_TYPES = frozenset({"Patient", "Observation"})


def place(path: str) -> Place:
    return place_of(path, is_stored_type=STORED_TYPES.__contains__)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", Place(SYSTEM)),
        ("/", Place(SYSTEM)),
        ("/metadata", Place(METADATA)),
        ("/metadata/", Place(METADATA)),
        ("/_history", Place(SYSTEM_HISTORY)),
        ("/Patient", Place(TYPE, "Patient")),
        ("/Patient/", Place(TYPE, "Patient")),
        ("/Patient/_history", Place(TYPE_HISTORY, "Patient")),
        ("/Patient/a", Place(INSTANCE, "Patient", "a")),
        ("/Patient/metadata", Place(INSTANCE, "Patient", "metadata")),
        ("/Patient/a/_history", Place(INSTANCE_HISTORY, "Patient", "a")),
        ("/Patient/a/_history/", Place(INSTANCE_HISTORY, "Patient", "a")),
        ("/Patient/a/_history/7", Place(VERSION, "Patient", "a", "7")),
        ("/Observation/A-9.z", Place(INSTANCE, "Observation", "A-9.z")),
    ],
)
def test_a_path_leads_to_its_place(path: str, expected: Place) -> None:
    assert place(path) == expected


@pytest.mark.parametrize(
    "path", ["/patient", "/Parameters", "/Nothing/a", "/metadata/a", "/_history/1", "/$export", "/_search", "/Pátient"]
)
def test_what_is_no_stored_type_is_unknown(path: str) -> None:
    with pytest.raises(UnknownType) as told:
        place(path)
    assert path.strip("/").split("/")[0] not in str(told.value)


@pytest.mark.parametrize(
    "path",
    [
        "/Patient/_search",
        "/Patient/$everything",
        "/Patient/a/$everything",
        "/Patient/a/b",
        "/Patient/a/_history/1/2",
        "/Patient/_history/1",
        "/Patient//_history",
        "/Patient//_history/1",
        "/Patient//a",
    ],
)
def test_a_path_that_leads_nowhere_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        place(path)


@pytest.mark.parametrize(
    ("method", "name", "expected"),
    [
        ("GET", METADATA, "capabilities"),
        ("OPTIONS", SYSTEM, "capabilities"),
        ("GET", INSTANCE, "read"),
        ("HEAD", INSTANCE, "read"),
        ("PUT", INSTANCE, "update"),
        ("DELETE", INSTANCE, "delete"),
        ("POST", TYPE, "create"),
        ("GET", VERSION, "vread"),
        ("GET", INSTANCE_HISTORY, "history-instance"),
        ("GET", TYPE_HISTORY, "history-type"),
        ("GET", SYSTEM_HISTORY, "history-system"),
    ],
)
def test_a_method_means_an_interaction(method: str, name: str, expected: str) -> None:
    assert interaction_at(Place(name), method) == expected


@pytest.mark.parametrize(
    ("method", "name", "allowed"),
    [
        ("GET", SYSTEM, ("OPTIONS",)),
        ("HEAD", TYPE, ("POST",)),
        ("PUT", TYPE, ("POST",)),
        ("PATCH", INSTANCE, ("GET", "PUT", "DELETE", "HEAD")),
        ("POST", INSTANCE, ("GET", "PUT", "DELETE", "HEAD")),
        ("DELETE", VERSION, ("GET", "HEAD")),
        ("get", METADATA, ("GET", "OPTIONS", "HEAD")),
    ],
)
def test_another_method_is_told_those_that_are_allowed(method: str, name: str, allowed: tuple[str, ...]) -> None:
    with pytest.raises(MethodNotAllowed) as told:
        interaction_at(Place(name), method)
    assert told.value.allowed == allowed


@pytest.mark.parametrize("name", INTERACTIONS)
def test_every_allowed_method_means_something(name: str) -> None:
    assert [method for method in allowed_at(Place(name)) if not interaction_at(Place(name), method)] == []


@pytest.mark.parametrize("resource_id", ["a_b", "a b", "é", "\x00", "0" * 65])
@pytest.mark.parametrize(
    ("method", "error"), [("GET", NotFound), ("HEAD", NotFound), ("PUT", Invalid), ("DELETE", Invalid)]
)
def test_what_is_no_id_is_not_found_and_cannot_be_changed(
    resource_id: str, method: str, error: type[FhirError]
) -> None:
    with pytest.raises(error) as told:
        require_id(Place(INSTANCE, "Patient", resource_id), method)
    assert resource_id not in str(told.value).replace(" ", "") or resource_id == "é"


def test_a_place_without_an_id_or_with_a_good_one_needs_no_other() -> None:
    for somewhere in (Place(SYSTEM), Place(TYPE, "Patient"), Place(INSTANCE, "Patient", "a")):
        require_id(somewhere, "PUT")
