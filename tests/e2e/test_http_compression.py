"""gzip both ways: https://hl7.org/fhir/R4/http.html#compression"""

import gzip
import json

import pytest

from tests.plugins.fhir_client import FHIR_JSON, FhirClient, Resource, answered, issue_of, patient, place_of

_LONG = [{"text": f"{number} " + "x" * 60} for number in range(60)]


@pytest.fixture(scope="module")
def stored(fhir: FhirClient) -> Resource:
    """Return a patient long enough to be worth compressing, which the tests of this module only read."""
    return fhir.stored(patient(name=_LONG))


@pytest.mark.parametrize("accepted", ["gzip", "x-gzip", "br, gzip;q=0.5", "*", "GZIP"])
def test_a_long_answer_is_compressed_for_who_takes_it(fhir: FhirClient, stored: Resource, accepted: str) -> None:
    with fhir.http.stream("GET", place_of(stored), headers={"Accept-Encoding": accepted}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(sent))
    assert "Accept-Encoding" in answer.headers["vary"]
    assert json.loads(gzip.decompress(sent)) == stored


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "identity, gzip;q=0.5", ""])
def test_a_long_answer_is_sent_as_it_is_to_who_does_not(fhir: FhirClient, stored: Resource, accepted: str) -> None:
    answer = fhir.get(place_of(stored), accept_encoding=accepted)
    assert "content-encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.json() == stored


def test_a_short_answer_is_not_worth_compressing(fhir: FhirClient) -> None:
    place = place_of(fhir.stored(patient()))
    assert "content-encoding" not in fhir.get(place, accept_encoding="gzip").headers
    compressed = fhir.get(place, accept_encoding="gzip, identity;q=0")
    assert compressed.headers["content-encoding"] == "gzip"
    assert compressed.json()["resourceType"] == "Patient"


def test_a_client_that_takes_no_coding_is_refused(fhir: FhirClient, stored: Resource) -> None:
    assert "Accept-Encoding" in issue_of(fhir.get(place_of(stored), accept_encoding="*;q=0"), 406)["diagnostics"]


def test_histories_and_statements_are_compressed(fhir: FhirClient, stored: Resource) -> None:
    for path in ("metadata", f"{place_of(stored)}/_history"):
        assert fhir.get(path, accept_encoding="gzip").headers["content-encoding"] == "gzip"


def test_head_tells_of_the_coding_too(fhir: FhirClient, stored: Resource) -> None:
    head = fhir.send("HEAD", place_of(stored), accept_encoding="gzip")
    assert head.headers["content-encoding"] == "gzip"
    assert head.content == b""


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "identity"])
def test_a_compressed_body_is_read(fhir: FhirClient, coding: str) -> None:
    sent = patient(name=_LONG)
    text = json.dumps(sent).encode()
    body = text if coding == "identity" else gzip.compress(text)
    headers = {"Content-Encoding": coding, "Content-Type": FHIR_JSON}
    assert answered(fhir.http.put(place_of(sent), content=body, headers=headers), 201)["name"] == _LONG


def test_a_body_under_another_coding_is_refused_and_told_which_are_read(fhir: FhirClient) -> None:
    answer = fhir.create(b"{}", type="Patient", content_encoding="br")
    assert "gzip" in issue_of(answer, 415)["diagnostics"]
    assert answer.headers["accept-encoding"] == "gzip, identity"


@pytest.mark.parametrize("body", [b"{}", gzip.compress(b'{"resourceType":"Patient"}')[:-6], b""])
def test_a_body_that_is_not_whole_gzip_is_refused(fhir: FhirClient, body: bytes) -> None:
    issue_of(fhir.create(body, type="Patient", content_encoding="gzip"), 400)


def test_a_body_that_inflates_beyond_the_limit_is_too_large(tuned_fhir: FhirClient) -> None:
    bomb = gzip.compress(b" " * 5_000_000)
    assert len(bomb) < 20_000
    issue = issue_of(tuned_fhir.create(bomb, type="Patient", content_encoding="gzip"), 413)
    assert issue["code"] == "too-long"
