import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.core.errors import Invalid
from fhir_server.definitions import Definitions
from fhir_server.interactions.content import Content, content_of
from fhir_server.validation.structure import StructuralValidator

KEY = b"k" * 32
OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"


@pytest.fixture(scope="session")
def validator(definitions: Definitions) -> StructuralValidator:
    return StructuralValidator(definitions)


class Splitter:
    """Makes content of texts, or of a Patient with the given meta."""

    def __init__(self, validator: StructuralValidator) -> None:
        self._validator = validator

    def text(self, text: bytes, *, key: bytes = KEY) -> Content:
        return content_of(self._validator.decode(text), digest_key=key)

    def meta(self, meta: Any) -> Content:
        return self.text(json.dumps({"resourceType": "Patient", "meta": meta}).encode())


@pytest.fixture(scope="session")
def split(validator: StructuralValidator) -> Splitter:
    return Splitter(validator)


def test_a_resource_is_split_into_id_meta_and_exact_body(split: Splitter) -> None:
    found = split.text(
        b'{ "id":"o1", "status" : "final", "meta":{"source":"urn:x"}, "resourceType":"Observation",\n'
        b' "code":{"text":"t\\u00e9"}, "valueQuantity":{"value":1.50} }'
    )
    assert (found.type, found.id) == ("Observation", "o1")
    assert found.meta == b'{"source":"urn:x"}'
    assert found.body == b'{"status":"final","code":{"text":"t\\u00e9"},"valueQuantity":{"value":1.50}}'


def test_a_resource_of_nothing_has_an_empty_body(split: Splitter) -> None:
    found = split.text(b'{"resourceType":"Patient"}')
    assert (found.id, found.meta, found.body, found.meta_digest) == (None, None, b"{}", None)


def test_what_the_server_sets_is_taken_out_of_meta(split: Splitter) -> None:
    found = split.meta({"versionId": "7", "lastUpdated": "2026-01-31T12:00:00Z", "source": "urn:x"})
    assert found.meta == b'{"source":"urn:x"}'


def test_a_meta_of_which_nothing_is_left_is_none(split: Splitter) -> None:
    found = split.meta({"versionId": "7", "lastUpdated": "2026-01-31T12:00:00Z"})
    assert (found.meta, found.meta_digest) == (None, None)


def test_tags_and_labels_are_told_apart_by_system_and_code(split: Splitter) -> None:
    codings = [
        {"system": "urn:a", "code": "x", "display": "first"},
        {"system": "urn:a", "code": "x", "display": "again"},
        {"system": "urn:b", "code": "x"},
        {"code": "x"},
        {"code": "x", "version": "2"},
    ]
    found = split.meta({"tag": codings, "security": codings})
    assert found.tags == found.security == ("urn:a|x", "urn:b|x", "|x")
    assert found.meta is not None
    kept = json.loads(found.meta)
    assert kept["tag"] == kept["security"] == [codings[0], codings[2], codings[3]]


def test_a_bar_in_a_system_makes_no_two_tags_equal(split: Splitter) -> None:
    found = split.meta({"tag": [{"system": "urn:a|b", "code": "c"}, {"system": "urn:a", "code": "b|c"}]})
    assert found.meta is not None
    assert len(json.loads(found.meta)["tag"]) == 2


def test_codings_without_a_code_stay_as_they_are(split: Splitter) -> None:
    tags = [{"display": "only shown"}, {"display": "only shown"}]
    found = split.meta({"tag": tags})
    assert found.tags == ()
    assert found.meta is not None
    assert json.loads(found.meta) == {"tag": tags}


def test_repeated_profiles_are_dropped_however_they_are_written(split: Splitter) -> None:
    found = split.text(
        b'{"resourceType":"Patient","meta":{"profile":["http://a","http:\\/\\/a","http://b","http://a"]}}'
    )
    assert found.profiles == ("http://a", "http://b")
    assert found.meta == b'{"profile":["http://a","http://b"]}'


def test_profiles_with_extensions_stay_in_step_with_them(split: Splitter) -> None:
    extension = {"extension": [{"url": "urn:x", "valueBoolean": True}]}
    meta = {"profile": ["http://a", None, "http://a"], "_profile": [None, extension, extension]}
    found = split.meta(meta)
    assert found.profiles == ("http://a",)
    assert found.meta is not None
    assert json.loads(found.meta) == meta


@pytest.mark.parametrize("system", [OBSERVATION_VALUE, "http://hl7.org/fhir/v3/ObservationValue"])
def test_a_resource_tagged_subsetted_is_refused(split: Splitter, system: str) -> None:
    with pytest.raises(Invalid) as refused:
        split.meta({"tag": [{"system": "urn:a", "code": "x"}, {"system": system, "code": "SUBSETTED"}]})
    issue = refused.value.issues[0]
    assert (issue.code, issue.expression) == ("business-rule", ("Patient.meta.tag",))


def test_a_tag_of_another_system_may_be_called_subsetted(split: Splitter) -> None:
    found = split.meta({"tag": [{"system": "urn:a", "code": "SUBSETTED"}]})
    assert found.tags == ("urn:a|SUBSETTED",)


@pytest.mark.parametrize("character", ["\x00", "\x1f"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tag", [{"system": "urn:{}", "code": "x"}]),
        ("security", [{"system": "urn:x", "code": "x{}"}]),
        ("profile", ["urn:{}"]),
    ],
)
def test_control_characters_in_tags_labels_and_profiles_are_refused(
    split: Splitter, name: str, value: Any, character: str
) -> None:
    meta = json.loads(json.dumps({name: value}).replace("{}", json.dumps(character)[1:-1]))
    with pytest.raises(Invalid) as refused:
        split.meta(meta)
    assert refused.value.issues[0].expression == (f"Patient.meta.{name}",)


ORIGINAL = (
    b'{"resourceType":"Observation","id":"a","meta":{"source":"urn:x","profile":["http://a"]},'
    b'"status":"final","code":{"text":"t"},"valueQuantity":{"value":1.50,"unit":"mg"}}'
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"", b""),
        (b",", b" ,\n\t"),
        (b'"value":1.50,"unit":"mg"', b'"unit":"mg","value":1.50'),
        (b'"status":"final","code":{"text":"t"}', b'"code":{"text":"t"},"status":"final"'),
        (b'"source":"urn:x","profile":["http://a"]', b'"profile":["http://a"],"source":"urn:x"'),
        (b'"source"', b'"versionId":"9","lastUpdated":"2026-01-31T12:00:00Z","source"'),
        (b'"id":"a"', b'"id":"b"'),
        (b'"mg"', b'"\\u006dg"'),
        (b'"unit"', b'"\\u0075nit"'),
    ],
)
def test_equal_values_have_equal_digests(split: Splitter, old: bytes, new: bytes) -> None:
    first, second = split.text(ORIGINAL), split.text(ORIGINAL.replace(old, new))
    assert (first.digest, first.meta_digest) == (second.digest, second.meta_digest)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"1.50", b"1.5"),
        (b"1.50", b"15e-1"),
        (b"1.50", b"1.500"),
        (b'"mg"', b'"g"'),
        (b'"unit"', b'"code"'),
        (b'"text":"t"', b'"text":"T"'),
        (b',"unit":"mg"', b""),
    ],
)
def test_other_values_have_other_digests(split: Splitter, old: bytes, new: bytes) -> None:
    first, second = split.text(ORIGINAL), split.text(ORIGINAL.replace(old, new))
    assert first.digest != second.digest
    assert first.meta_digest == second.meta_digest


def test_another_meta_has_another_digest_of_its_own(split: Splitter) -> None:
    first, second = split.text(ORIGINAL), split.text(ORIGINAL.replace(b"urn:x", b"urn:y"))
    assert first.digest == second.digest
    assert first.meta_digest != second.meta_digest


def test_digests_depend_on_the_key(split: Splitter) -> None:
    first, second = split.text(ORIGINAL), split.text(ORIGINAL, key=b"l" * 32)
    assert first.digest != second.digest
    assert first.meta_digest != second.meta_digest


@given(st.lists(st.sampled_from(["urn:a", "urn:b", "urn:c"]), min_size=1, max_size=8))
def test_profiles_are_kept_once_in_the_order_of_their_first_mention(split: Splitter, profiles: list[str]) -> None:
    found = split.meta({"profile": profiles})
    assert list(found.profiles) == list(dict.fromkeys(profiles))
