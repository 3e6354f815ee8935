import json

import pytest

from fhir_server.bulk.references import rewrite

PATIENT = "urn:uuid:3f1c9b9e-6a0b-4b56-9c0e-0f6f5b6c1a11"
BINARY = "urn:oid:1.2.36.1"
TARGETS = {PATIENT: "Patient/p1", BINARY: "Binary/b1", "http://a.example/fhir/Patient/7": "Patient/new"}


def test_a_reference_to_an_entry_becomes_type_and_id_and_every_other_byte_stays() -> None:
    data = b'{ "value" : 1.50,\n "subject":{"reference" :  "%s", "display":"\\u00e9"}, "x":1e2 }'
    found = rewrite(data % PATIENT.encode(), TARGETS)
    assert found.data == data % b"Patient/p1"
    assert (found.unresolved, found.conditional) == (0, 0)


def test_a_reference_by_absolute_url_of_an_entry_becomes_type_and_id() -> None:
    found = rewrite(b'{"reference":"http://a.example/fhir/Patient/7"}', TARGETS)
    assert found.data == b'{"reference":"Patient/new"}'


def test_a_reference_whose_slashes_are_escaped_is_understood() -> None:
    found = rewrite(rb'{"reference":"http:\/\/a.example\/fhir\/Patient\/7"}', TARGETS)
    assert found.data == b'{"reference":"Patient/new"}'


@pytest.mark.parametrize("name", ["url", "valueUrl", "valueUri"])
def test_an_attachment_and_a_value_that_link_to_an_entry_are_rewritten(name: str) -> None:
    found = rewrite(b'{"content":{"%s":"%s"}}' % (name.encode(), BINARY.encode()), TARGETS)
    assert found.data == b'{"content":{"%s":"Binary/b1"}}' % name.encode()


def test_an_identifier_of_the_same_value_is_not_a_reference() -> None:
    data = b'{"identifier":[{"system":"urn:ietf:rfc:3986","value":"%s"}]}' % PATIENT.encode()
    assert rewrite(data, TARGETS).data == data


def test_the_canonical_url_of_a_resource_itself_is_no_link() -> None:
    data = b'{"resourceType":"ValueSet","url":"%s"}' % BINARY.encode()
    assert rewrite(data, TARGETS).data == data


def test_text_that_looks_like_a_reference_is_not_one() -> None:
    text = json.dumps({"note": f'"reference":"{PATIENT}"', "reference": "#a", "code": "reference"}).encode()
    assert rewrite(text, TARGETS).data == text


@pytest.mark.parametrize(
    ("full_url", "expected"),
    [
        ("http://a.example/fhir/Observation/1", b"Patient/new"),
        ("http://b.example/fhir/Observation/1", b"Patient/7"),
        ("urn:uuid:1", b"Patient/7"),
        (None, b"Patient/7"),
    ],
)
def test_a_relative_reference_is_looked_up_in_the_base_of_its_own_entry(full_url: str | None, expected: bytes) -> None:
    found = rewrite(b'{"reference":"Patient/7"}', TARGETS, full_url=full_url)
    assert found.data == b'{"reference":"%s"}' % expected


def test_references_that_lead_nowhere_are_counted_and_kept() -> None:
    data = (
        b'[{"reference":"urn:uuid:unknown"},{"reference":"urn:oid:1.2"},'
        b'{"reference":"Practitioner?identifier=a|b"},{"reference":"Patient/1"},{"reference":"#x"}]'
    )
    found = rewrite(data, TARGETS)
    assert found.data == data
    assert (found.unresolved, found.conditional) == (2, 1)


def test_broken_escapes_are_left_for_validation_to_refuse() -> None:
    data = rb'{"reference":"\x"}'
    assert rewrite(data, TARGETS).data == data
