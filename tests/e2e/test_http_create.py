"""create: https://hl7.org/fhir/R4/http.html#create"""

import uuid

import pytest

from tests.plugins.fhir_client import (
    FhirClient,
    Resource,
    answered,
    content_of,
    issue_of,
    issues_of,
    observation,
    patient,
    place_of,
    some_id,
)

_CODE = {"text": "x"}
_SUBJECT = {"reference": "Patient/x"}


def test_create_answers_201_with_the_place_of_the_version(fhir: FhirClient) -> None:
    response = fhir.create(patient())
    created = answered(response, 201)
    assert response.headers["location"] == f"{fhir.http.base_url}{place_of(created)}/_history/1"
    assert response.headers["etag"] == 'W/"1"'
    assert response.headers["last-modified"].endswith("GMT")
    assert fhir.http.get(response.headers["location"]).json() == created


def test_create_assigns_a_random_uuid_whatever_the_body_says(fhir: FhirClient) -> None:
    sent = patient()
    created = answered(fhir.create(sent), 201)
    assert created["id"] != sent["id"]
    assert str(uuid.UUID(created["id"])) == created["id"]
    assert fhir.get(place_of(sent)).status_code == 404


def test_create_stores_under_version_1_what_the_body_claims_otherwise(fhir: FhirClient) -> None:
    sent = patient(meta={"versionId": "7", "lastUpdated": "2001-01-01T00:00:00Z"})
    created = answered(fhir.create(sent), 201)
    assert created["meta"]["versionId"] == "1"
    assert created["meta"]["lastUpdated"] > "2020"


def test_the_same_body_creates_another_resource_each_time(fhir: FhirClient) -> None:
    sent = patient()
    assert fhir.create(sent).json()["id"] != fhir.create(sent).json()["id"]


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Practitioner"},
        {"resourceType": "Organization", "name": "Clínica"},
        {"resourceType": "Appointment", "status": "proposed", "participant": [{"status": "accepted"}]},
        {"resourceType": "Encounter", "status": "planned", "class": {"code": "AMB"}},
        {"resourceType": "Condition", "subject": _SUBJECT},
        {"resourceType": "MedicationRequest", "status": "draft", "intent": "order",
         "medicationCodeableConcept": _CODE, "subject": _SUBJECT},
        {"resourceType": "AuditEvent", "type": {"code": "rest"}, "recorded": "2026-01-01T00:00:00Z",
         "agent": [{"requestor": True}], "source": {"observer": {"display": "x"}}},
        {"resourceType": "Binary", "contentType": "text/plain", "data": "YQ=="},
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient"}}]},
        {"resourceType": "ValueSet", "status": "draft"},
        {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]},
    ],
    ids=lambda resource: resource["resourceType"],
)  # fmt: skip
def test_create_takes_resources_of_every_kind(fhir: FhirClient, resource: Resource) -> None:
    created = answered(fhir.create(resource), 201)
    read = answered(fhir.get(place_of(created)), 200)
    assert read == created
    assert content_of(read) == {**resource, "id": created["id"]}


def test_every_type_that_the_statement_names_has_an_endpoint(fhir: FhirClient) -> None:
    (rest,) = fhir.get("metadata").json()["rest"]
    types = [resource["type"] for resource in rest["resource"]]
    assert len(types) == len(set(types)) == 145
    answers = {name: fhir.get(f"{name}/{some_id()}").status_code for name in types}
    assert set(answers.values()) == {404}
    refused = {name: issues_of(fhir.create({"resourceType": name, "nonsense": 1}), 400) for name in types}
    assert all({"expression": [f"{name}.nonsense"]}.items() <= issues[0].items() for name, issues in refused.items())


@pytest.mark.parametrize("name", ["Parameters", "Nonsense", "patient", "DomainResource", "Resource", "Quantity"])
def test_what_has_no_endpoint_is_an_unknown_type(fhir: FhirClient, name: str) -> None:
    for answer in (fhir.create({"resourceType": name}), fhir.get(f"{name}/1"), fhir.get(f"{name}/_history")):
        issue = issue_of(answer, 404)
        assert issue["code"] == "not-supported"
        assert "resource type" in issue["diagnostics"]


def test_a_resource_of_another_type_than_the_url_is_refused(fhir: FhirClient) -> None:
    issue = issues_of(fhir.create(observation(), type="Patient"), 400)[0]
    assert issue["expression"] == ["Patient"]
    assert "resourceType" in issue["diagnostics"]


def test_tags_security_labels_and_profiles_are_stored_once(fhir: FhirClient) -> None:
    tag = {"system": "http://example.org/tag", "code": "a"}
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    profile = "http://hl7.org/fhir/StructureDefinition/Patient"
    meta = {
        "tag": [tag, {**tag, "display": "again"}, {**tag, "code": "b"}],
        "security": [label, label],
        "profile": [profile, profile],
    }
    stored = fhir.stored(patient(meta=meta))["meta"]
    assert stored["tag"] == [tag, {**tag, "code": "b"}]
    assert stored["security"] == [label]
    assert stored["profile"] == [profile]


def test_a_part_of_a_resource_is_not_stored(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    part = fhir.get(f"{place_of(stored)}?_elements=name").json()
    for answer in (fhir.create(part), fhir.update(part)):
        issue = issue_of(answer, 400)
        assert issue["code"] == "business-rule"
        assert issue["expression"] == ["Patient.meta.tag"]
        assert "SUBSETTED" in issue["diagnostics"]


def test_conditional_create_is_refused_as_long_as_it_is_not_offered(fhir: FhirClient) -> None:
    issue = issue_of(fhir.create(patient(), if_none_exist="identifier=1"), 400)
    assert issue["code"] == "not-supported"
