"""What is too much: bodies, nesting, numbers."""

import json
import socket
from collections.abc import Iterator

import pytest

from tests.plugins.fhir_client import (
    FHIR_JSON,
    FhirClient,
    answered,
    issue_of,
    issues_of,
    measured,
    patient,
    place_of,
    some_id,
)

_LIMIT = 20_000


def body_of(length: int) -> bytes:
    text = json.dumps(patient(name=[{"text": ""}])).encode()
    return text.replace(b'"text": ""', b'"text": "' + b"x" * (length - len(text)) + b'"')


def test_a_body_of_the_limit_is_read(tuned_fhir: FhirClient) -> None:
    assert tuned_fhir.create(body_of(_LIMIT)).status_code == 201


def test_a_body_over_the_limit_is_too_large(tuned_fhir: FhirClient) -> None:
    issue = issue_of(tuned_fhir.create(body_of(_LIMIT + 1)), 413)
    assert issue["code"] == "too-long"
    assert str(_LIMIT) in issue["diagnostics"]


@pytest.mark.parametrize(("length", "status"), [(_LIMIT, 201), (_LIMIT + 1, 413), (10 * _LIMIT, 413)])
def test_a_body_of_unknown_length_is_counted_as_it_comes(tuned_fhir: FhirClient, length: int, status: int) -> None:
    def chunks() -> Iterator[bytes]:
        body = body_of(length)
        yield from (body[start : start + 1000] for start in range(0, length, 1000))

    answer = tuned_fhir.http.post("Patient", content=chunks(), headers={"Content-Type": FHIR_JSON})
    assert "content-length" not in answer.request.headers
    if status == 413:
        assert issue_of(answer, 413)["code"] == "too-long"
    assert answer.status_code == status


def test_after_a_body_that_is_too_large_the_server_goes_on(tuned_fhir: FhirClient) -> None:
    for _ in range(3):
        assert tuned_fhir.create(body_of(50 * _LIMIT)).status_code == 413
        assert tuned_fhir.create(patient()).status_code == 201


@pytest.mark.parametrize("path", ["Nonsense", "metadata", "Patient?x=1"])
def test_after_a_body_that_was_not_read_the_server_goes_on(fhir: FhirClient, path: str) -> None:
    for _ in range(20):
        answer = fhir.send("POST", path, b" " * 300_000)
        assert answer.status_code in (400, 404, 405)
        assert "connection" not in answer.headers
    assert fhir.get("metadata").status_code == 200


def test_a_body_of_many_megabytes_is_refused_by_default(fhir: FhirClient) -> None:
    answer = fhir.create(b" " * (16 * 1024 * 1024 + 1), type="Patient")
    assert issue_of(answer, 413)["code"] == "too-long"
    assert answer.headers["connection"] == "close"


def test_a_long_resource_is_stored_whole(fhir: FhirClient) -> None:
    sent = patient(name=[{"text": f"{number} " + "x" * 90} for number in range(3000)])
    created = answered(fhir.update(sent), 201)
    assert created["name"] == sent["name"]
    assert fhir.get(place_of(sent)).json() == created
    assert fhir.update(sent).headers["etag"] == 'W/"1"'


def test_a_long_resource_is_refused_with_its_issues(fhir: FhirClient) -> None:
    sent = patient(name=[{"text": "x" * 90} for _ in range(1500)], active="yes", nonsense=1)
    found = [issue["expression"] for issue in issues_of(fhir.create(sent), 400)]
    assert found == [["Patient.active"], ["Patient.nonsense"]]
    part = {**sent, "meta": {"tag": [{"system": "http://hl7.org/fhir/v3/ObservationValue", "code": "SUBSETTED"}]}}
    del part["active"], part["nonsense"]
    assert issue_of(fhir.create(part), 400)["code"] == "business-rule"


def nested(extensions: int) -> bytes:
    """Return a patient whose extensions nest, each two levels deeper than what it is in."""
    inside = '"valueBoolean":true'
    for _ in range(extensions):
        inside = f'"extension":[{{"url":"http://example.org/e",{inside}}}]'
    return f'{{"resourceType":"Patient",{inside}}}'.encode()


def test_a_body_may_nest_as_deep_as_the_limit(tuned_fhir: FhirClient) -> None:
    assert tuned_fhir.create(nested(9), type="Patient").status_code == 201


@pytest.mark.parametrize("body", [nested(10), b"[" * 9000 + b"]" * 9000, b'{"a":' * 3000], ids=["one", "many", "open"])
def test_a_body_that_nests_deeper_is_refused(tuned_fhir: FhirClient, body: bytes) -> None:
    assert "deeper than 20" in issue_of(tuned_fhir.create(body, type="Patient"), 400)["diagnostics"]


@pytest.mark.parametrize(
    ("number", "status"), [("1" * 30, 201), ("1" * 31, 400), (f"0.{'1' * 29}", 400), ("9" * 9000, 400)]
)
def test_a_number_that_is_too_long_is_refused(tuned_fhir: FhirClient, number: str, status: int) -> None:
    answer = tuned_fhir.create(measured(some_id(), number), type="Observation")
    assert answer.status_code == status
    if status == 400:
        issue = issue_of(answer, 400)
        assert issue["code"] == "too-long"
        assert issue["expression"] == ["Observation.value.value"]


def test_a_body_whose_chunks_cannot_be_read_is_refused(fhir: FhirClient) -> None:
    url = fhir.http.base_url
    head = f"POST /fhir/Patient HTTP/1.1\r\nHost: {url.host}\r\nContent-Type: {FHIR_JSON}\r\nTransfer-Encoding: chunked"
    with socket.create_connection((url.host, url.port)) as connection, connection.makefile("rb") as answer:
        connection.sendall(f"{head}\r\n\r\nzz\r\n".encode())
        found = answer.read()
    assert found.startswith(b"HTTP/1.1 400 ")
    assert b'"resourceType":"OperationOutcome"' in found
