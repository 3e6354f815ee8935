"""delete: https://hl7.org/fhir/R4/http.html#delete"""

import pytest

from tests.plugins.fhir_client import FhirClient, answered, issue_of, patient, place_of, some_id


def test_delete_answers_204_with_the_version_of_the_deletion(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    deleted = fhir.delete(place_of(stored))
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert deleted.headers["etag"] == 'W/"2"'
    assert fhir.get(place_of(stored)).status_code == 410


def test_delete_again_has_no_effect(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    fhir.delete(place_of(stored))
    again = fhir.delete(place_of(stored))
    assert again.status_code == 204
    assert again.headers["etag"] == 'W/"2"'
    assert fhir.get(f"{place_of(stored)}/_history").json()["total"] == 2


def test_delete_of_what_never_was_has_no_effect(fhir: FhirClient) -> None:
    place = f"Patient/{some_id()}"
    assert fhir.delete(place).status_code == 204
    assert fhir.get(place).status_code == 404
    assert fhir.get(f"{place}/_history").status_code == 404


@pytest.mark.parametrize("logical_id", ["a_b", "x" * 65, "a%00b"])
def test_delete_of_what_is_no_fhir_id_is_refused(fhir: FhirClient, logical_id: str) -> None:
    assert "64" in issue_of(fhir.delete(f"Patient/{logical_id}"), 400)["diagnostics"]


def test_an_update_brings_a_deleted_resource_back_and_goes_on_counting(fhir: FhirClient) -> None:
    sent = patient()
    fhir.stored(sent)
    fhir.delete(place_of(sent))
    response = fhir.update(sent)
    back = answered(response, 201)
    assert back["meta"]["versionId"] == "3"
    assert response.headers["location"].endswith(f"{place_of(sent)}/_history/3")
    assert fhir.get(place_of(sent)).json() == back
    assert [fhir.get(f"{place_of(sent)}/_history/{number}").status_code for number in (1, 2, 3)] == [200, 410, 200]


def test_if_match_guards_a_deletion(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    issue = issue_of(fhir.delete(place_of(stored), if_match='W/"2"'), 412)
    assert "If-Match" in issue["diagnostics"]
    assert fhir.get(place_of(stored)).status_code == 200
    assert fhir.delete(place_of(stored), if_match='W/"1"').status_code == 204


def test_if_match_any_refuses_to_delete_what_is_not_there(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    assert fhir.delete(place_of(stored), if_match="*").status_code == 204
    assert fhir.delete(place_of(stored), if_match="*").status_code == 412


def test_delete_tells_what_it_did_where_that_is_preferred(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    for words in ("was deleted", "is not there"):
        outcome = answered(fhir.delete(place_of(stored), prefer="return=OperationOutcome"), 200)
        assert outcome["issue"][0]["severity"] == "information"
        assert words in outcome["issue"][0]["diagnostics"]
