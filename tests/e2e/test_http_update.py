"""update: https://hl7.org/fhir/R4/http.html#update"""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.plugins.fhir_client import (
    FhirClient,
    Resource,
    answered,
    issue_of,
    measured,
    observation,
    patient,
    place_of,
    some_id,
)


def test_update_under_a_new_id_creates_the_resource(fhir: FhirClient) -> None:
    sent = patient()
    response = fhir.update(sent)
    created = answered(response, 201)
    assert created["id"] == sent["id"]
    assert response.headers["location"] == f"{fhir.http.base_url}{place_of(sent)}/_history/1"
    assert response.headers["etag"] == 'W/"1"'


def test_update_makes_the_next_version(fhir: FhirClient) -> None:
    sent = patient()
    first = fhir.stored(sent)
    response = fhir.update({**sent, "gender": "female"})
    second = answered(response, 200)
    assert second["meta"]["versionId"] == "2"
    assert second["meta"]["lastUpdated"] > first["meta"]["lastUpdated"]
    assert response.headers["etag"] == 'W/"2"'
    assert response.headers["last-modified"].endswith("GMT")
    assert "location" not in response.headers
    assert fhir.get(place_of(sent)).json() == second


def test_update_replaces_the_whole_resource(fhir: FhirClient) -> None:
    sent = patient(gender="female")
    fhir.stored(sent)
    fhir.update({"resourceType": "Patient", "id": sent["id"], "active": True})
    assert set(fhir.get(place_of(sent)).json()) == {"resourceType", "id", "meta", "active"}


def test_an_update_needs_the_id_in_the_body(fhir: FhirClient) -> None:
    issue = issue_of(fhir.update({"resourceType": "Patient"}, place=f"Patient/{some_id()}"), 400)
    assert issue["code"] == "required"
    assert issue["expression"] == ["Patient.id"]


def test_an_update_needs_the_id_of_the_url_in_the_body(fhir: FhirClient) -> None:
    place = f"Patient/{some_id()}"
    issue = issue_of(fhir.update(patient(), place=place), 400)
    assert issue["expression"] == ["Patient.id"]
    assert "another id than the URL" in issue["diagnostics"]
    assert fhir.get(place).status_code == 404


def test_an_update_needs_the_type_of_the_url_in_the_body(fhir: FhirClient) -> None:
    sent = observation()
    response = fhir.update(sent, place=f"Patient/{sent['id']}")
    assert response.status_code == 400
    assert "resourceType" in response.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("logical_id", ["a", "A.b-9", "1", "-", "."[0] + "x", "x" * 64])
def test_a_client_may_choose_any_fhir_id(fhir: FhirClient, logical_id: str) -> None:
    place = f"Basic/{logical_id}"
    sent = {"resourceType": "Basic", "id": logical_id, "code": {"text": some_id()}}
    assert fhir.update(sent).status_code in (200, 201)
    assert fhir.get(place).json()["code"] == sent["code"]


@pytest.mark.parametrize("logical_id", ["a_b", "x" * 65, "%C3%A9", "a%00b", "a%20b"])
def test_what_is_no_fhir_id_is_refused(fhir: FhirClient, logical_id: str) -> None:
    issue = issue_of(fhir.update(patient(), place=f"Patient/{logical_id}"), 400)
    assert "64" in issue["diagnostics"]


def test_an_update_that_changes_nothing_makes_no_version(fhir: FhirClient) -> None:
    sent = patient(meta={"tag": [{"system": "http://example.org", "code": "a"}]}, multipleBirthInteger=2)
    first = fhir.stored(sent)
    for same in (sent, first, dict(reversed(sent.items()))):
        response = fhir.update(same)
        assert answered(response, 200) == first
        assert response.headers["etag"] == 'W/"1"'
    spaced = fhir.update(json.dumps(sent, indent=3).encode())
    assert answered(spaced, 200)["meta"] == first["meta"]
    claimed = {**sent, "meta": {**sent["meta"], "versionId": "9", "lastUpdated": "2001-01-01T00:00:00Z"}}
    assert answered(fhir.update(claimed), 200)["meta"] == first["meta"]
    assert fhir.get(f"{place_of(sent)}/_history").json()["total"] == 1


@pytest.mark.parametrize(
    ("before", "after", "version"), [("1.5", "1.5", "1"), ("1.5", "1.50", "2"), ("100", "1e2", "2")]
)
def test_numbers_are_equal_where_their_texts_are(fhir: FhirClient, before: str, after: str, version: str) -> None:
    logical_id = some_id()
    fhir.update(measured(logical_id, before))
    changed = fhir.update(measured(logical_id, after))
    assert answered(changed, 200)["meta"]["versionId"] == version
    assert f'"value":{after}}}' in fhir.get(f"Observation/{logical_id}").text


@pytest.mark.parametrize(
    "change",
    [
        {"active": True},
        {"name": [{"family": "Souza"}, {"family": "Lima"}]},
        {"meta": {"tag": [{"system": "http://example.org", "code": "b"}]}},
        {"meta": {}},
    ],
    ids=["element", "list", "tag", "no-meta"],
)
def test_an_update_that_changes_a_value_makes_a_version(fhir: FhirClient, change: Resource) -> None:
    sent = patient(meta={"tag": [{"system": "http://example.org", "code": "a"}]})
    fhir.stored(sent)
    changed = {name: value for name, value in {**sent, **change}.items() if value}
    assert answered(fhir.update(changed), 200)["meta"]["versionId"] == "2"


def test_the_order_of_a_list_is_a_value(fhir: FhirClient) -> None:
    sent = patient(name=[{"family": "A"}, {"family": "B"}])
    fhir.stored(sent)
    assert fhir.update({**sent, "name": sent["name"][::-1]}).json()["meta"]["versionId"] == "2"


def test_update_replaces_tags_security_labels_and_profiles_without_repetition(fhir: FhirClient) -> None:
    coding = {"system": "http://example.org", "code": "a"}
    profile = "http://example.org/fhir/StructureDefinition/p"
    sent = patient(meta={"tag": [coding], "security": [coding], "profile": [profile]})
    fhir.stored(sent)
    other = {**coding, "code": "b"}
    meta = answered(fhir.update({**sent, "meta": {"tag": [other, other]}}), 200)["meta"]
    assert meta.pop("versionId") == "2"
    assert meta.pop("lastUpdated")
    assert meta == {"tag": [other]}


def test_if_match_lets_an_update_of_that_version_pass(fhir: FhirClient) -> None:
    sent = patient()
    fhir.stored(sent)
    for number, condition in enumerate(['W/"1"', '"2"', 'W/"9", W/"3"', "*"]):
        response = fhir.update({**sent, "multipleBirthInteger": number}, if_match=condition)
        assert answered(response, 200)["meta"]["versionId"] == str(number + 2)


def test_if_match_refuses_an_update_of_another_version(fhir: FhirClient) -> None:
    sent = patient()
    fhir.stored(sent)
    fhir.update({**sent, "active": True})
    issue = issue_of(fhir.update({**sent, "active": False}, if_match='W/"1"'), 412)
    assert issue["code"] == "conflict"
    assert "If-Match" in issue["diagnostics"]
    assert fhir.get(place_of(sent)).headers["etag"] == 'W/"2"'


@pytest.mark.parametrize("condition", ['W/"1"', "*"])
def test_if_match_refuses_to_create(fhir: FhirClient, condition: str) -> None:
    sent = patient()
    assert issue_of(fhir.update(sent, if_match=condition), 412)["code"] == "conflict"
    assert fhir.get(place_of(sent)).status_code == 404


@pytest.mark.parametrize("condition", ["1", "W/1", '"1', ",", 'W/"1" W/"2"'])
def test_if_match_that_cannot_be_read_is_refused(fhir: FhirClient, condition: str) -> None:
    sent = patient()
    fhir.stored(sent)
    for answer in (fhir.update(sent, if_match=condition), fhir.delete(place_of(sent), if_match=condition)):
        assert "If-Match" in issue_of(answer, 400)["diagnostics"]


def test_if_none_match_any_lets_only_a_creation_pass(fhir: FhirClient) -> None:
    sent = patient()
    assert fhir.update(sent, if_none_match="*").status_code == 201
    issue = issue_of(fhir.update({**sent, "active": True}, if_none_match="*"), 412)
    assert "If-None-Match" in issue["diagnostics"]
    fhir.delete(place_of(sent))
    assert fhir.update(sent, if_none_match="*").status_code == 201


def test_a_type_with_versioned_update_insists_on_if_match(tuned_fhir: FhirClient) -> None:
    encounter = {"resourceType": "Encounter", "status": "planned", "class": {"code": "AMB"}}
    created = tuned_fhir.create(encounter).json()
    changed = {**created, "status": "arrived"}
    issue = issue_of(tuned_fhir.update(changed), 400)
    assert issue["code"] == "required"
    assert "If-Match" in issue["diagnostics"]
    assert tuned_fhir.update(changed, if_match='W/"1"').status_code == 200
    other = tuned_fhir.create(patient()).json()
    assert tuned_fhir.update({**other, "active": True}).status_code == 200


def test_where_clients_choose_no_ids_an_update_of_nothing_is_not_allowed(tuned_fhir: FhirClient) -> None:
    response = tuned_fhir.update(patient())
    assert "POST Patient" in issue_of(response, 405)["diagnostics"]
    assert "PUT" not in response.headers["allow"]


def test_where_clients_choose_no_ids_a_deleted_resource_still_comes_back(tuned_fhir: FhirClient) -> None:
    created = tuned_fhir.create(patient()).json()
    tuned_fhir.delete(place_of(created))
    assert answered(tuned_fhir.update(created), 201)["meta"]["versionId"] == "3"


def test_of_many_updates_at_once_each_makes_a_version(fhir: FhirClient) -> None:
    sent = patient()
    bodies = [{**sent, "multipleBirthInteger": number} for number in range(16)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(fhir.update, bodies))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert {answer.headers["etag"] for answer in answers} == {f'W/"{number}"' for number in range(1, 17)}


def test_of_many_updates_of_one_version_exactly_one_passes(fhir: FhirClient) -> None:
    sent = patient()
    fhir.stored(sent)
    bodies = [{**sent, "multipleBirthInteger": number} for number in range(16)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda body: fhir.update(body, if_match='W/"1"'), bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 15
    assert fhir.get(place_of(sent)).headers["etag"] == 'W/"2"'
