"""Request ids, trace context and preferences: https://hl7.org/fhir/R4/http.html#custom"""

import re
import uuid

import pytest

from tests.plugins.fhir_client import FhirClient, Resource, answered, issue_of, patient, place_of, some_id

_TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
_PARENT_ID = "00f067aa0ba902b7"


def test_every_answer_has_a_request_id(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    answers = [
        fhir.get(place_of(stored)),
        fhir.get(place_of(stored), if_none_match="*"),
        fhir.get(f"Patient/{some_id()}"),
        fhir.delete(place_of(stored)),
        fhir.get("metadata"),
        fhir.create(b"{"[:1], type="Patient"),
    ]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == len(answers)
    assert all(str(uuid.UUID(each)) == each for each in ids)


def test_the_request_id_of_the_client_is_kept(fhir: FhirClient) -> None:
    headers = fhir.get("metadata", x_request_id="req-1:a/b").headers
    assert headers["x-request-id"] == "req-1:a/b"
    assert "x-correlation-id" not in headers


def test_a_request_id_that_is_not_kept_comes_back_as_correlation_id(fhir: FhirClient) -> None:
    headers = fhir.get("metadata", x_request_id='{"a"}').headers
    assert uuid.UUID(headers["x-request-id"])
    assert headers["x-correlation-id"] == '{"a"}'


def test_the_correlation_id_of_the_client_comes_back(fhir: FhirClient) -> None:
    headers = fhir.get(f"Patient/{some_id()}", x_request_id="r1", x_correlation_id="c1").headers
    assert (headers["x-request-id"], headers["x-correlation-id"]) == ("r1", "c1")


def test_a_trace_goes_on_under_a_span_of_the_server(fhir: FhirClient) -> None:
    found = fhir.get("metadata", traceparent=f"00-{_TRACE_ID}-{_PARENT_ID}-01").headers["traceparent"]
    assert re.fullmatch(rf"00-{_TRACE_ID}-[0-9a-f]{{16}}-01", found)
    assert _PARENT_ID not in found


@pytest.mark.parametrize("sent", ["", "nonsense", f"00-{'0' * 32}-{_PARENT_ID}-01", f"ff-{_TRACE_ID}-{_PARENT_ID}-01"])
def test_a_trace_begins_where_the_client_sends_none(fhir: FhirClient, sent: str) -> None:
    headers = {"traceparent": sent} if sent else {}
    found = fhir.get("metadata", **headers).headers["traceparent"]
    assert re.fullmatch(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00", found)
    assert _TRACE_ID not in found


@pytest.mark.parametrize("prefer", ["return=minimal", "respond-async, return=minimal", 'return="minimal"; a=b'])
def test_prefer_minimal_answers_headers_alone(fhir: FhirClient, prefer: str) -> None:
    sent = patient()
    created = fhir.update(sent, prefer=prefer)
    changed = fhir.update({**sent, "active": True}, prefer=prefer)
    for answer, status, etag in ((created, 201, 'W/"1"'), (changed, 200, 'W/"2"')):
        assert (answer.status_code, answer.content) == (status, b"")
        assert answer.headers["etag"] == etag
        assert answer.headers["content-length"] == "0"
    assert created.headers["location"].endswith(f"{place_of(sent)}/_history/1")


@pytest.mark.parametrize("headers", [{"prefer": "return=representation"}, {"prefer": "return=nonsense"}, {}])
def test_the_representation_is_answered_where_nothing_else_is_preferred(fhir: FhirClient, headers: Resource) -> None:
    sent = patient()
    assert answered(fhir.update(sent, **headers), 201)["name"] == sent["name"]
    assert answered(fhir.create(sent, **headers), 201)["name"] == sent["name"]


def test_prefer_operation_outcome_tells_what_was_done(fhir: FhirClient) -> None:
    sent = patient()
    prefer = "return=OperationOutcome"
    for resource, status, words in (
        (sent, 201, "created with version 1"),
        ({**sent, "active": True}, 200, "updated with version 2"),
        ({**sent, "active": True}, 200, "already held these values; it stays at version 2"),
    ):
        outcome = answered(fhir.update(resource, prefer=prefer), status)
        assert outcome["resourceType"] == "OperationOutcome"
        (issue,) = outcome["issue"]
        assert issue["severity"] == "information"
        assert words in issue["diagnostics"]


def test_prefer_does_not_soften_an_error(fhir: FhirClient) -> None:
    assert issue_of(fhir.create({"resourceType": "Patient", "a": 1}, prefer="return=minimal"), 400)


def test_header_names_are_read_in_any_case(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    answer = fhir.http.get(place_of(stored), headers={"IF-NONE-MATCH": 'W/"1"'})
    assert answer.status_code == 304
