"""Media types: https://hl7.org/fhir/R4/http.html#mime-type and https://hl7.org/fhir/R4/http.html#parameters"""

import json

import pytest

from tests.plugins.fhir_client import FhirClient, Resource, issue_of, measured, patient, place_of, some_id

_UTF_8 = ";charset=utf-8"


@pytest.fixture(scope="module")
def stored(fhir: FhirClient) -> Resource:
    """Return a patient that the tests of this module only read."""
    return fhir.stored(patient())


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("json", "application/fhir+json"),
        ("application/json", "application/json"),
        ("application/fhir+json", "application/fhir+json"),
        ("application/fhir%2Bjson", "application/fhir+json"),
        ("text/json", "text/json"),
        ("JSON", "application/fhir+json"),
    ],
)
def test_format_asks_for_json_in_every_official_form(fhir: FhirClient, stored: Resource, asked: str, told: str) -> None:
    answer = fhir.get(f"{place_of(stored)}?_format={asked}", accept="application/fhir+xml")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == told + _UTF_8
    assert answer.json() == stored


@pytest.mark.parametrize(
    "asked",
    ["xml", "text/xml", "application/xml", "application/fhir%2Bxml", "application/fhir+xml",
     "ttl", "html", "text/html", "text/turtle", "application/fhir%2Bturtle", "nonsense"],
)  # fmt: skip
def test_a_format_that_is_not_offered_is_not_acceptable(fhir: FhirClient, stored: Resource, asked: str) -> None:
    issue = issue_of(fhir.get(f"{place_of(stored)}?_format={asked}"), 406)
    assert issue["code"] == "not-supported"
    assert "application/fhir+json" in issue["diagnostics"]


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        ("application/fhir+json", "application/fhir+json"),
        ("application/json", "application/json"),
        ("text/json", "text/json"),
        ("*/*", "application/fhir+json"),
        ("application/*", "application/fhir+json"),
        ("text/*", "text/json"),
        ("application/fhir+xml, application/json;q=0.5", "application/json"),
        ("application/json;q=0.5, application/fhir+json;q=0.9", "application/fhir+json"),
        ("application/fhir+json;q=0.1, application/json;q=0.2", "application/json"),
        ("text/html, application/xhtml+xml, */*;q=0.1", "application/fhir+json"),
        ("application/fhir+json;q=0, */*", "application/json"),
        ("Application/FHIR+JSON", "application/fhir+json"),
        ("application/fhir+json;fhirVersion=4.0", "application/fhir+json;fhirVersion=4.0"),
        ("application/fhir+json; charset=utf-8", "application/fhir+json"),
    ],
)
def test_accept_is_read_by_quality(fhir: FhirClient, stored: Resource, accept: str, told: str) -> None:
    answer = fhir.get(place_of(stored), accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == told + _UTF_8


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+xml",
        "text/html",
        "image/*",
        "application/fhir+json;q=0",
        "application/fhir+json;fhirVersion=3.0",
    ],
)
def test_what_is_not_offered_is_not_acceptable(fhir: FhirClient, stored: Resource, accept: str) -> None:
    answer = fhir.get(place_of(stored), accept=accept)
    assert issue_of(answer, 406)["code"] == "not-supported"
    assert "Accept" in answer.headers["vary"]


def test_what_cannot_be_answered_is_not_done(fhir: FhirClient) -> None:
    sent = patient()
    assert fhir.update(sent, accept="application/fhir+xml").status_code == 406
    assert fhir.get(place_of(sent)).status_code == 404


@pytest.mark.parametrize(
    "content_type",
    ["application/fhir+json", "application/json", "text/json", "application/fhir+json; charset=UTF-8",
     "application/fhir+json; fhirVersion=4.0", 'application/json; charset="utf-8"'],
)  # fmt: skip
def test_a_body_in_json_is_read_under_each_of_its_names(fhir: FhirClient, content_type: str) -> None:
    assert fhir.create(patient(), content_type=content_type).status_code == 201


@pytest.mark.parametrize(
    "content_type",
    ["application/fhir+xml", "application/xml", "text/xml", "text/turtle", "text/plain", "", "nonsense",
     "application/x-www-form-urlencoded", "application/fhir+json; charset=iso-8859-1",
     "application/fhir+json; fhirVersion=3.0", "application/json-patch+json"],
)  # fmt: skip
def test_a_body_of_another_media_type_is_refused(fhir: FhirClient, content_type: str) -> None:
    for answer in (
        fhir.create(patient(), content_type=content_type),
        fhir.update(patient(), content_type=content_type),
    ):
        assert issue_of(answer, 415)["code"] == "not-supported"


@pytest.mark.parametrize(
    "path", ["Patient/{id}?_pretty=true", "metadata?_pretty=true", "Patient/{id}/_history?_pretty=true"]
)
def test_pretty_indents_and_changes_no_value(fhir: FhirClient, stored: Resource, path: str) -> None:
    answer = fhir.get(path.format(id=stored["id"]))
    assert answer.text.startswith('{\n  "resourceType": ')
    assert answer.text == json.dumps(answer.json(), indent=2, ensure_ascii=False)


def test_pretty_keeps_the_characters_of_numbers(fhir: FhirClient) -> None:
    logical_id = some_id()
    assert '"value": 1.50' in fhir.update(measured(logical_id, "1.50"), query="?_pretty=true").text
    assert '"value": 1.50' in fhir.get(f"Observation/{logical_id}?_pretty=true").text


def test_pretty_indents_errors_too(fhir: FhirClient) -> None:
    assert fhir.get(f"Patient/{some_id()}?_pretty=true").text.startswith('{\n  "resourceType": "OperationOutcome"')
    assert "\n" not in fhir.get(f"Patient/{some_id()}?_pretty=false").text


@pytest.mark.parametrize("query", ["_pretty=yes", "_pretty=true&_pretty=false"])
def test_pretty_is_true_or_false(fhir: FhirClient, query: str) -> None:
    assert "_pretty" in issue_of(fhir.get(f"metadata?{query}"), 400)["diagnostics"]
