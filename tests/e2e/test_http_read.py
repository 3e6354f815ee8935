"""read and vread: https://hl7.org/fhir/R4/http.html#read"""

import re

import httpx
import pytest

from tests.plugins.fhir_client import (
    FhirClient,
    answered,
    content_of,
    issue_of,
    measured,
    patient,
    place_of,
    some_id,
)


def test_read_answers_the_resource_as_it_was_created(fhir: FhirClient) -> None:
    sent = patient()
    fhir.stored(sent)
    found = answered(fhir.get(place_of(sent)), 200)
    assert content_of(found) == sent
    assert found["meta"]["versionId"] == "1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["meta"]["lastUpdated"])


def test_read_tells_version_and_time_in_its_headers(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    headers = fhir.get(place_of(stored)).headers
    assert headers["etag"] == 'W/"1"'
    second = stored["meta"]["lastUpdated"][:19]
    assert httpx.Headers(headers)["last-modified"].endswith(f"{second[11:]} GMT")


@pytest.mark.parametrize(
    "number", ["1.50", "1e2", "1E-3", "-0.0", "0.10", "1e999999999", f"{'9' * 40}.{'123' * 7}", f"0.{'1' * 60}"]
)
def test_a_decimal_keeps_every_character(fhir: FhirClient, number: str) -> None:
    logical_id = some_id()
    created = fhir.update(measured(logical_id, number))
    assert created.status_code == 201, created.text
    for answer in (created, fhir.get(f"Observation/{logical_id}"), fhir.get(f"Observation/{logical_id}/_history/1")):
        assert f'"value":{number}}}' in answer.text


def test_text_keeps_its_characters(fhir: FhirClient) -> None:
    sent = patient(name=[{"text": 'Ñandú "João" \\ \t 𝄞 \u2028 漢'}])
    fhir.stored(sent)
    assert fhir.get(place_of(sent)).json()["name"] == sent["name"]


def test_names_keep_the_order_of_the_client(fhir: FhirClient) -> None:
    logical_id = some_id()
    text = f'{{"gender":"female","id":"{logical_id}","active":true,"resourceType":"Patient","birthDate":"1987-05-21"}}'
    fhir.update(text.encode())
    names = list(fhir.get(f"Patient/{logical_id}").json())
    assert names == ["resourceType", "id", "meta", "gender", "active", "birthDate"]


def test_a_resource_that_never_was_is_not_found(fhir: FhirClient) -> None:
    issue = issue_of(fhir.get(f"Patient/{some_id()}"), 404)
    assert issue["code"] == "not-found"


def test_an_id_counts_with_its_type(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    assert fhir.get(f"Person/{stored['id']}").status_code == 404


def test_ids_are_told_apart_by_case(fhir: FhirClient) -> None:
    stored = fhir.stored(patient(id=f"a{some_id()}"))
    assert fhir.get(f"Patient/{stored['id'].upper()}").status_code == 404


@pytest.mark.parametrize("path", ["a%00b", "%C3%A9", "a%FFb", "a%20b", "a_b", "x" * 65])
@pytest.mark.parametrize("suffix", ["", "/_history", "/_history/1"])
def test_what_cannot_be_an_id_is_not_found(fhir: FhirClient, path: str, suffix: str) -> None:
    issue = issue_of(fhir.get(f"Patient/{path}{suffix}"), 404)
    assert "64" in issue["diagnostics"]


def test_read_of_a_deleted_resource_is_gone_and_tells_its_version(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    fhir.delete(place_of(stored))
    gone = fhir.get(place_of(stored))
    assert issue_of(gone, 410)["code"] == "deleted"
    assert gone.headers["etag"] == 'W/"2"'
    assert gone.headers["last-modified"].endswith("GMT")


def test_vread_answers_each_version(fhir: FhirClient) -> None:
    sent = patient()
    fhir.stored(sent)
    fhir.update({**sent, "active": False})
    first = fhir.get(f"{place_of(sent)}/_history/1")
    second = fhir.get(f"{place_of(sent)}/_history/2")
    assert content_of(answered(first, 200)) == sent
    assert answered(second, 200)["active"] is False
    assert (first.headers["etag"], second.headers["etag"]) == ('W/"1"', 'W/"2"')


@pytest.mark.parametrize("version", ["0", "2", "-1", "01", "abc", "9" * 30, "%00"])
def test_a_version_that_never_was_is_not_found(fhir: FhirClient, version: str) -> None:
    stored = fhir.stored(patient())
    assert issue_of(fhir.get(f"{place_of(stored)}/_history/{version}"), 404)["code"] == "not-found"


def test_vread_of_a_deletion_is_gone(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    fhir.delete(place_of(stored))
    gone = fhir.get(f"{place_of(stored)}/_history/2")
    assert issue_of(gone, 410)["code"] == "deleted"
    assert gone.headers["etag"] == 'W/"2"'
    assert fhir.get(f"{place_of(stored)}/_history/1").status_code == 200


@pytest.mark.parametrize("suffix", ["", "/_history", "/_history/1"])
def test_head_answers_the_headers_of_get_without_the_body(fhir: FhirClient, suffix: str) -> None:
    place = place_of(fhir.stored(patient())) + suffix
    got, head = fhir.get(place, accept_encoding="identity"), fhir.send("HEAD", place, accept_encoding="identity")
    assert head.status_code == 200
    assert head.content == b""
    for name in ("etag", "last-modified", "content-type"):
        assert head.headers.get(name) == got.headers.get(name)
    assert head.headers["content-length"] == str(len(got.content))


def test_head_of_what_is_not_there_answers_the_status_alone(fhir: FhirClient) -> None:
    missing = fhir.send("HEAD", f"Patient/{some_id()}")
    assert (missing.status_code, missing.content) == (404, b"")


@pytest.mark.parametrize("suffix", ["", "/_history/1"])
def test_a_version_that_the_client_holds_is_not_sent_again(fhir: FhirClient, suffix: str) -> None:
    place = place_of(fhir.stored(patient())) + suffix
    for condition in ('W/"1"', '"1"', 'W/"7", W/"1"', "*"):
        unchanged = fhir.get(place, if_none_match=condition)
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged.headers["etag"] == 'W/"1"'
        assert unchanged.headers["vary"] == fhir.get(place).headers["vary"]
    assert fhir.get(place, if_none_match='W/"2"').status_code == 200


def test_a_resource_not_modified_since_is_not_sent_again(fhir: FhirClient) -> None:
    place = place_of(fhir.stored(patient()))
    last = fhir.get(place).headers["last-modified"]
    assert fhir.get(place, if_modified_since=last).status_code == 304
    assert fhir.get(place, if_modified_since="Mon, 01 Jan 2001 00:00:00 GMT").status_code == 200
    assert fhir.get(place, if_modified_since="yesterday").status_code == 200


def test_an_entity_tag_goes_before_a_time(fhir: FhirClient) -> None:
    place = place_of(fhir.stored(patient()))
    last = fhir.get(place).headers["last-modified"]
    assert fhir.get(place, if_none_match='W/"2"', if_modified_since=last).status_code == 200


def test_an_entity_tag_that_cannot_be_read_is_refused(fhir: FhirClient) -> None:
    place = place_of(fhir.stored(patient()))
    assert "If-None-Match" in issue_of(fhir.get(place, if_none_match="1"), 400)["diagnostics"]
