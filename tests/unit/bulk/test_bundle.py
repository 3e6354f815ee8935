import json
from collections.abc import Sequence
from typing import Any

import pytest

from fhir_server.bulk.bundle import Candidate, Rejected, candidates
from fhir_server.core.ids import is_id

Json = dict[str, Any]


def bundle(kind: str, *entries: Json) -> bytes:
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": list(entries)}).encode()


def opened(data: bytes, locator: str = "") -> list[Candidate | Rejected]:
    return list(candidates(locator, data))


def stored(found: Sequence[Candidate | Rejected]) -> list[Candidate]:
    assert all(isinstance(each, Candidate) for each in found)
    return [each for each in found if isinstance(each, Candidate)]


def patient(**elements: Any) -> Json:
    return {"resourceType": "Patient", **elements}


def test_a_resource_alone_keeps_its_bytes_and_its_id() -> None:
    data = b'{ "resourceType":"Observation","id":"o1", "valueQuantity":{"value":1.50} }'
    [found] = stored(opened(data, "line 3"))
    assert found == Candidate("line 3", "Observation", "o1", made=False, data=data)


def test_a_resource_without_id_gets_another_new_one_each_time() -> None:
    data = b'{"resourceType":"Patient"}'
    [one], [other] = stored(opened(data)), stored(opened(data))
    assert one.made
    assert is_id(one.id)
    assert one.id != other.id


@pytest.mark.parametrize("data", [b"", b"[]", b"7", b'{"id":"x"}', b'{"resourceType":3}', b'{"a":', b"[" * 5000])
def test_what_cannot_be_read_is_left_for_validation_to_explain(data: bytes) -> None:
    [found] = stored(opened(data))
    assert (found.type, found.data) == ("", data)


@pytest.mark.parametrize("kind", ["collection", "searchset", "batch", "transaction", "history"])
def test_the_entries_of_an_opened_bundle_are_stored_one_by_one(kind: str) -> None:
    data = bundle(kind, {"resource": patient(id="a")}, {"resource": patient(id="b")})
    found = stored(opened(data, "line 2"))
    assert [(each.locator, each.type, each.id, each.share) for each in found] == [
        ("line 2, Bundle.entry[0]", "Patient", "a", 0.5),
        ("line 2, Bundle.entry[1]", "Patient", "b", 1.0),
    ]


@pytest.mark.parametrize("kind", ["document", "message", "transaction-response", "batch-response", ""])
def test_any_other_bundle_is_stored_as_the_resource_that_it_is(kind: str) -> None:
    entry = {"fullUrl": "urn:uuid:1", "resource": patient(link=[{"other": {"reference": "urn:uuid:2"}}])}
    data = bundle(kind, entry)
    [found] = stored(opened(data))
    assert (found.type, found.data, found.unresolved) == ("Bundle", data, 0)


def test_references_between_entries_are_resolved_to_the_ids_under_which_they_are_stored() -> None:
    data = bundle(
        "transaction",
        {"fullUrl": "urn:uuid:1", "resource": patient(), "request": {"method": "POST", "url": "Patient"}},
        {
            "fullUrl": "urn:uuid:2",
            "resource": patient(id="b", link=[{"other": {"reference": "urn:uuid:1"}}]),
            "request": {"method": "PUT", "url": "Patient/b"},
        },
    )
    first, second = stored(opened(data))
    assert first.made
    assert json.loads(second.data)["link"][0]["other"]["reference"] == f"Patient/{first.id}"


def test_a_post_keeps_the_id_that_its_resource_carries() -> None:
    entry = {"resource": patient(id="x"), "request": {"method": "POST", "url": "Patient"}}
    [found] = stored(opened(bundle("transaction", entry)))
    assert (found.id, found.made) == ("x", False)


@pytest.mark.parametrize("url", ["Patient/x", "/Patient/x", "http://a.example/fhir/Patient/x"])
def test_a_put_gives_the_id_of_its_url(url: str) -> None:
    entry = {"resource": patient(), "request": {"method": "PUT", "url": url}}
    [found] = stored(opened(bundle("batch", entry)))
    assert (found.id, found.made) == ("x", False)


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PATCH", ""])
def test_an_entry_that_asks_for_something_else_than_storing_is_refused(method: str) -> None:
    entry = {"resource": patient(id="x"), "request": {"method": method, "url": "Patient/x"}}
    [found] = opened(bundle("batch", entry), "line 1")
    assert isinstance(found, Rejected)
    assert found.locator == "line 1, Bundle.entry[0]"
    assert found.error.issues[0].expression == ("Bundle.entry[0].request.method",)


@pytest.mark.parametrize(
    ("resource", "request_"),
    [
        (patient(id="a"), {"method": "PUT", "url": "Patient/b"}),
        (patient(id="a"), {"method": "PUT", "url": "Observation/a"}),
        (patient(id="a"), {"method": "POST", "url": "Observation"}),
        (patient(id="a"), {"method": "POST", "url": "Patient/a"}),
        (patient(id="a"), {"method": "POST", "url": ""}),
        (patient(), {"method": "PUT", "url": "Patient"}),
        (patient(), {"method": "PUT", "url": "Patient/not_an_id"}),
        (patient(), {"method": "PUT", "url": "Patient/a/_history/1"}),
        (patient(), {"method": "PUT", "url": "Patient?identifier=1"}),
        (patient(), {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=1"}),
    ],
)
def test_a_request_that_does_not_fit_its_resource_or_needs_a_search_is_refused(resource: Json, request_: Json) -> None:
    [found] = opened(bundle("transaction", {"resource": resource, "request": request_}))
    assert isinstance(found, Rejected)
    assert found.error.issues[0].expression == ("Bundle.entry[0].request",)


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "PUT", "url": "Patient?identifier=1"},
        {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=1"},
    ],
)
def test_a_conditional_request_whose_resource_has_an_id_needs_no_search(request_: Json) -> None:
    [found] = stored(opened(bundle("batch", {"resource": patient(id="a"), "request": request_})))
    assert found.id == "a"


def test_what_a_search_tells_about_itself_and_entries_without_resource_are_left_out() -> None:
    data = bundle(
        "searchset",
        {"resource": patient(id="a"), "search": {"mode": "match"}},
        {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}},
        {"fullUrl": "http://a.example/Patient/b"},
    )
    assert [found.id for found in stored(opened(data))] == ["a"]


def test_of_a_history_the_newest_version_of_each_resource_is_stored_and_no_deleted_one() -> None:
    data = bundle(
        "history",
        {"request": {"method": "DELETE", "url": "Patient/gone"}},
        {"resource": patient(id="a", active=False), "request": {"method": "PUT", "url": "Patient/a"}},
        {"resource": patient(id="gone"), "request": {"method": "POST", "url": "Patient"}},
        {"resource": patient(id="a", active=True), "request": {"method": "POST", "url": "Patient"}},
    )
    [found] = stored(opened(data))
    assert found.id == "a"
    assert json.loads(found.data)["active"] is False


def test_a_bundle_that_cannot_be_opened_is_left_for_validation_to_explain() -> None:
    data = b'{"resourceType":"Bundle","type":"collection","entry":{}}'
    [found] = stored(opened(data))
    assert (found.type, found.data) == ("Bundle", data)


def test_an_entry_whose_resource_is_no_resource_is_left_for_validation_to_explain() -> None:
    [found] = stored(opened(bundle("collection", {"resource": {"id": "no-type"}})))
    assert found.type == ""
