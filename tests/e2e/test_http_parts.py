"""`_summary` and `_elements`: https://hl7.org/fhir/R4/search.html#summary"""

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

_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}


@pytest.fixture(scope="module")
def stored(fhir: FhirClient) -> Resource:
    """Return a patient with elements of every kind that the forms tell apart."""
    return fhir.stored(
        patient(
            text=_NARRATIVE,
            meta={"tag": [{"system": "http://example.org", "code": "a"}]},
            active=True,
            gender="female",
            _gender={"extension": [{"url": "http://example.org/e", "valueString": "x"}]},
            maritalStatus={"text": "married"},
            contact=[{"gender": "male"}],
            implicitRules="http://example.org/rules",
            deceasedBoolean=False,
        )
    )


def test_summary_true_keeps_summary_elements(fhir: FhirClient, stored: Resource) -> None:
    shown = answered(fhir.get(f"{place_of(stored)}?_summary=true"), 200)
    kept = {
        "resourceType",
        "id",
        "meta",
        "implicitRules",
        "identifier",
        "active",
        "name",
        "gender",
        "_gender",
        "deceasedBoolean",
    }
    assert set(shown) == kept
    assert {name: shown[name] for name in kept - {"meta"}} == {name: stored[name] for name in kept - {"meta"}}
    assert shown["meta"]["tag"] == [*stored["meta"]["tag"], _SUBSETTED]
    assert shown["meta"]["versionId"] == "1"


def test_summary_text_keeps_the_narrative_and_what_is_indispensable(fhir: FhirClient, stored: Resource) -> None:
    shown = answered(fhir.get(f"{place_of(stored)}?_summary=text"), 200)
    assert {"resourceType", "id", "meta", "text"} <= set(shown)
    assert not {"identifier", "name", "maritalStatus", "contact"} & set(shown)
    assert _SUBSETTED in shown["meta"]["tag"]


def test_summary_data_leaves_out_the_narrative_alone(fhir: FhirClient, stored: Resource) -> None:
    shown = answered(fhir.get(f"{place_of(stored)}?_summary=data"), 200)
    assert set(stored) - set(shown) == {"text"}
    assert _SUBSETTED in shown["meta"]["tag"]


def test_summary_false_shows_everything(fhir: FhirClient, stored: Resource) -> None:
    assert fhir.get(f"{place_of(stored)}?_summary=false").json() == stored


def test_summary_count_is_for_bundles_alone(fhir: FhirClient, stored: Resource) -> None:
    assert "Bundle" in issue_of(fhir.get(f"{place_of(stored)}?_summary=count"), 400)["diagnostics"]
    bundle = answered(fhir.get(f"{place_of(stored)}/_history?_summary=count"), 200)
    assert (bundle["total"], bundle.get("entry")) == (1, None)


def test_mandatory_elements_stay_in_every_part(fhir: FhirClient) -> None:
    place = place_of(fhir.stored(observation(note=[{"text": "x"}], valueInteger=7)))
    for query in ("_summary=true", "_summary=text", "_summary=data", "_elements=note"):
        shown = answered(fhir.get(f"{place}?{query}"), 200)
        assert {"resourceType", "id", "meta", "status", "code"} <= set(shown)


@pytest.mark.parametrize(
    ("elements", "kept"),
    [
        ("name", {"name"}),
        ("name,gender", {"name", "gender", "_gender"}),
        ("Patient.active", {"active"}),
        ("deceased", {"deceasedBoolean"}),
        ("active,Observation.value", {"active"}),
        ("photo", set()),
    ],
)
def test_elements_keeps_what_is_named(fhir: FhirClient, stored: Resource, elements: str, kept: set[str]) -> None:
    shown = answered(fhir.get(f"{place_of(stored)}?_elements={elements}"), 200)
    modifiers = {"implicitRules", "active", "deceasedBoolean"}
    assert set(shown) == {"resourceType", "id", "meta"} | modifiers | kept
    assert all(shown[name] == stored[name] for name in kept)
    assert _SUBSETTED in shown["meta"]["tag"]


def test_a_part_keeps_the_characters_of_numbers(fhir: FhirClient) -> None:
    logical_id = some_id()
    fhir.update(measured(logical_id, "1e2"))
    for query in ("_elements=value", "_summary=true", "_summary=data"):
        assert '"value":1e2' in fhir.get(f"Observation/{logical_id}?{query}").text


@pytest.mark.parametrize("query", ["_summary=yes", "_elements=nonsense", "_elements=name.family", "_elements=Foo.bar",
                                   "_summary=true&_elements=name", "_summary=true&_summary=text"])  # fmt: skip
def test_a_part_that_does_not_exist_is_refused(fhir: FhirClient, stored: Resource, query: str) -> None:
    assert query.partition("=")[0] in issue_of(fhir.get(f"{place_of(stored)}?{query}"), 400)["diagnostics"]


def test_the_answer_to_a_write_is_shown_in_the_part_asked_for(fhir: FhirClient) -> None:
    sent = patient(maritalStatus={"text": "married"})
    shown = answered(fhir.update(sent, query="?_elements=name"), 201)
    assert set(shown) == {"resourceType", "id", "meta", "name"}
    assert fhir.get(place_of(sent)).json()["maritalStatus"] == {"text": "married"}


def test_a_part_has_the_tag_of_its_version(fhir: FhirClient, stored: Resource) -> None:
    assert fhir.get(f"{place_of(stored)}?_summary=true").headers["etag"] == 'W/"1"'
