import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.core.errors import Invalid
from fhir_server.core.json import dump
from fhir_server.definitions import Definitions
from fhir_server.rest.subset import CODE, SYSTEM, Summary, apply_subset, parse_subset

TAG = {"system": SYSTEM, "code": CODE}
META = {"versionId": "1", "lastUpdated": "2026-01-01T00:00:00.000Z"}
NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "meta": META,
    "text": NARRATIVE,
    "extension": [{"url": "urn:x", "valueDecimal": 1}],
    "modifierExtension": [{"url": "urn:y", "valueBoolean": True}],
    "active": True,
    "name": [{"family": "A", "extension": [{"url": "urn:z", "valueString": "B"}]}],
    "birthDate": "2000-01-01",
    "_birthDate": {"id": "b"},
    "multipleBirthInteger": 2,
    "photo": [{"contentType": "image/png", "data": "AAAA"}],
    "contact": [{"name": {"family": "C"}}],
    "link": [{"id": "l", "extension": [{"url": "urn:e"}], "other": {"reference": "Patient/q"}, "type": "refer"}],
}
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o",
    "meta": META,
    "status": "final",
    "code": {"text": "c"},
    "valueQuantity": {"value": 1.5},
    "note": [{"text": "n"}],
    "component": [
        {"code": {"text": "d"}, "valueInteger": 3, "interpretation": [{"text": "high"}]},
        {"code": {"text": "e"}},
    ],
}


def kept(
    definitions: Definitions, resource: dict[str, Any], summary: str | None, elements: str | None = None
) -> dict[str, Any]:
    subset = parse_subset(summary, elements, definitions=definitions, resource_type=resource["resourceType"])
    assert subset is not None
    found = json.loads(apply_subset(dump(resource), subset, definitions=definitions))
    assert found["meta"].pop("tag") == [TAG]
    assert found.pop("meta") == META
    assert list(found)[:2] == ["resourceType", "id"]
    return {name: value for name, value in found.items() if name not in ("resourceType", "id")}


def test_a_summary_keeps_what_the_definitions_mark_as_summary(definitions: Definitions) -> None:
    found = kept(definitions, PATIENT, "true")
    assert found == {
        "modifierExtension": PATIENT["modifierExtension"],
        "active": True,
        "name": PATIENT["name"],
        "birthDate": "2000-01-01",
        "_birthDate": {"id": "b"},
        "link": [{"id": "l", "other": {"reference": "Patient/q"}, "type": "refer"}],
    }


def test_a_summary_prunes_backbone_elements(definitions: Definitions) -> None:
    found = kept(definitions, OBSERVATION, "true")
    assert found["valueQuantity"] == {"value": 1.5}
    assert found["component"] == [{"code": {"text": "d"}, "valueInteger": 3}, {"code": {"text": "e"}}]
    assert "note" not in found


def test_a_summary_leaves_the_data_of_attachments_out(definitions: Definitions) -> None:
    attachment = {"contentType": "text/plain", "data": "AAAA", "title": "t"}
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "meta": META,
        "status": "current",
        "content": [{"attachment": attachment}],
    }
    found = kept(definitions, document, "true")
    assert found["content"] == [{"attachment": {"contentType": "text/plain", "title": "t"}}]


def test_an_object_of_which_nothing_would_be_left_stays_whole(definitions: Definitions) -> None:
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "meta": META,
        "status": "current",
        "content": [{"attachment": {"data": "AAAA"}}],
    }
    assert kept(definitions, document, "true")["content"] == [{"attachment": {"data": "AAAA"}}]


def test_the_text_form_keeps_narrative_mandatory_and_modifier_elements(definitions: Definitions) -> None:
    found = kept(definitions, PATIENT, "text")
    assert list(found) == ["text", "modifierExtension", "active", "link"]
    assert found["link"] == PATIENT["link"]
    assert list(kept(definitions, OBSERVATION, "text")) == ["status", "code"]


def test_the_data_form_leaves_out_the_narrative_alone(definitions: Definitions) -> None:
    rest = {name: value for name, value in PATIENT.items() if name not in ("resourceType", "id", "meta", "text")}
    assert kept(definitions, PATIENT, "data") == rest


@pytest.mark.parametrize(
    ("elements", "names"),
    [
        ("birthDate", ["birthDate", "_birthDate"]),
        (" name , photo,", ["name", "photo"]),
        ("multipleBirth", ["multipleBirthInteger"]),
        ("multipleBirthInteger", ["multipleBirthInteger"]),
        ("multipleBirthBoolean", []),
        ("Patient.name,Observation.code", ["name"]),
        ("text,meta,id", ["text"]),
        ("extension", ["extension"]),
    ],
)
def test_elements_keeps_the_named_elements(definitions: Definitions, elements: str, names: list[str]) -> None:
    indispensable = {"modifierExtension", "active", "link"}
    assert set(kept(definitions, PATIENT, None, elements)) - indispensable == set(names)
    assert indispensable <= set(kept(definitions, PATIENT, None, elements))


def test_a_stem_names_every_choice(definitions: Definitions) -> None:
    assert list(kept(definitions, OBSERVATION, None, "value")) == ["status", "code", "valueQuantity"]


def test_a_resource_that_is_tagged_already_is_tagged_once(definitions: Definitions) -> None:
    tagged = {**PATIENT, "meta": {**META, "tag": [{"system": "urn:s", "code": "x"}, TAG]}}
    subset = parse_subset("data", None, definitions=definitions, resource_type="Patient")
    assert subset is not None
    found = json.loads(apply_subset(dump(tagged), subset, definitions=definitions))
    assert found["meta"]["tag"] == [{"system": "urn:s", "code": "x"}, TAG]


def test_a_resource_without_meta_gets_one(definitions: Definitions) -> None:
    subset = parse_subset("data", None, definitions=definitions)
    assert subset is not None
    found = apply_subset(b'{"resourceType":"Patient","active":true}', subset, definitions=definitions)
    assert json.loads(found) == {"resourceType": "Patient", "meta": {"tag": [TAG]}, "active": True}


@pytest.mark.parametrize(("summary", "elements"), [(None, None), ("false", None), (None, ""), ("false", " , ")])
def test_asking_for_everything_is_no_subset(
    definitions: Definitions, summary: str | None, elements: str | None
) -> None:
    assert parse_subset(summary, elements, definitions=definitions, resource_type="Patient") is None


@pytest.mark.parametrize(
    ("summary", "elements", "reason"),
    [
        ("yes", None, "_summary is"),
        ("TRUE", None, "_summary is"),
        ("count", None, "only for answers that are Bundles"),
        ("true", "name", "cannot be used together"),
        (None, "nome", "nome, which is not an element of Patient"),
        (None, "Observation.name", "name, which is not an element of Observation"),
        (None, "Thing.name", "Thing, which is not a resource type"),
        (None, "Parameters.parameter", "not a resource type"),
        (None, "name.family", "at the top"),
        (None, "_birthDate", "at the top"),
        (None, "<b>", "at the top"),
    ],
)
def test_what_cannot_be_asked_for_is_invalid(
    definitions: Definitions, summary: str | None, elements: str | None, reason: str
) -> None:
    with pytest.raises(Invalid, match=reason):
        parse_subset(summary, elements, definitions=definitions, resource_type="Patient")


def test_a_bundle_can_be_counted(definitions: Definitions) -> None:
    subset = parse_subset("count", None, definitions=definitions, bundle=True)
    assert subset is not None
    assert subset.counts_only
    assert subset.summary is Summary.COUNT


def test_at_the_level_of_the_system_a_name_without_type_fits_every_type(definitions: Definitions) -> None:
    subset = parse_subset(None, "code,Patient.name", definitions=definitions)
    assert subset is not None
    patient = json.loads(apply_subset(dump(PATIENT), subset, definitions=definitions))
    assert "name" in patient
    assert "code" in json.loads(apply_subset(dump(OBSERVATION), subset, definitions=definitions))


def test_every_type_has_a_summary_that_is_not_empty(definitions: Definitions) -> None:
    subset = parse_subset("true", None, definitions=definitions)
    assert subset is not None
    for name in definitions.stored_types:
        text = dump({"resourceType": name, "id": "x", "meta": META, "language": "pt-BR"})
        assert list(json.loads(apply_subset(text, subset, definitions=definitions))) == [
            "resourceType",
            "id",
            "meta",
        ]


NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)


@given(number=NUMBERS, form=st.sampled_from(["true", "data", "elements"]))
def test_a_kept_number_keeps_its_text(definitions: Definitions, number: str, form: str) -> None:
    text = (
        '{"resourceType":"Observation","id":"o","meta":{"versionId":"1"},"status":"final",'
        f'"code":{{"text":"c"}},"valueQuantity":{{"value":{number}}},'
        f'"component":[{{"code":{{"text":"d"}},"valueQuantity":{{"value":{number}}}}}]}}'
    ).encode()
    subset = parse_subset(
        None if form == "elements" else form,
        "value,component" if form == "elements" else None,
        definitions=definitions,
        resource_type="Observation",
    )
    assert subset is not None
    found = apply_subset(text, subset, definitions=definitions)
    assert found.count(f'{{"value":{number}}}'.encode()) == 2
