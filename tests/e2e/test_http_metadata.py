"""capabilities: https://hl7.org/fhir/R4/http.html#capabilities"""

import pytest

from tests.plugins.fhir_client import FhirClient, Resource, answered, issue_of, some_id

_INTERACTIONS = {"read", "vread", "update", "delete", "history-instance", "history-type", "create"}


@pytest.fixture(scope="module")
def statement(fhir: FhirClient) -> Resource:
    """Return the CapabilityStatement of the server with default settings."""
    return answered(fhir.get("metadata"), 200)


def test_the_statement_tells_who_answers_and_where(fhir: FhirClient, statement: Resource) -> None:
    assert statement["resourceType"] == "CapabilityStatement"
    assert (statement["kind"], statement["status"], statement["fhirVersion"]) == ("instance", "active", "4.0.1")
    assert statement["implementation"]["url"] == str(fhir.http.base_url).rstrip("/")
    assert statement["software"]["name"] == "NeonPro FHIR Server"
    assert {"application/fhir+json", "json"} <= set(statement["format"])


def test_the_statement_names_what_every_type_answers(statement: Resource) -> None:
    (rest,) = statement["rest"]
    assert rest["mode"] == "server"
    assert [each["code"] for each in rest["interaction"]] == ["history-system"]
    for resource in rest["resource"]:
        assert {each["code"] for each in resource["interaction"]} == _INTERACTIONS
        assert (resource["versioning"], resource["updateCreate"], resource["readHistory"]) == ("versioned", True, True)
        assert resource["profile"] == f"http://hl7.org/fhir/StructureDefinition/{resource['type']}"
    assert "Parameters" not in {resource["type"] for resource in rest["resource"]}


def test_the_statement_can_be_stored_as_a_resource(fhir: FhirClient, statement: Resource) -> None:
    assert answered(fhir.update({**statement, "id": some_id()}), 201)["rest"] == statement["rest"]


def test_settings_show_in_the_statement(tuned_fhir: FhirClient) -> None:
    (rest,) = answered(tuned_fhir.get("metadata"), 200)["rest"]
    types = {resource["type"]: resource for resource in rest["resource"]}
    assert rest["security"] == {"cors": True}
    assert types["Encounter"]["versioning"] == "versioned-update"
    assert types["Patient"]["versioning"] == "versioned"
    assert not any(resource["updateCreate"] for resource in types.values())


def test_the_statement_is_sent_once(fhir: FhirClient) -> None:
    etag = fhir.get("metadata").headers["etag"]
    assert etag.startswith('W/"')
    unchanged = fhir.get("metadata", if_none_match=etag)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == etag
    assert fhir.get("metadata", if_none_match='W/"other"').status_code == 200


def test_head_answers_the_headers_alone(fhir: FhirClient) -> None:
    head = fhir.send("HEAD", "metadata")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == fhir.get("metadata").headers["etag"]


@pytest.mark.parametrize(("path", "allowed"), [("", "OPTIONS"), ("metadata", "GET, OPTIONS, HEAD")])
def test_options_answers_the_statement(fhir: FhirClient, statement: Resource, path: str, allowed: str) -> None:
    answer = fhir.send("OPTIONS", path)
    assert answered(answer, 200) == statement
    assert answer.headers["allow"] == allowed


def test_options_of_the_base_url_without_a_slash_answers_too(fhir: FhirClient, statement: Resource) -> None:
    url = str(fhir.http.base_url).rstrip("/")
    assert fhir.http.request("OPTIONS", url).json() == statement


def test_mode_asks_for_a_part(fhir: FhirClient, statement: Resource) -> None:
    assert answered(fhir.get("metadata?mode=full"), 200) == statement
    normative = answered(fhir.get("metadata?mode=normative"), 200)
    assert "updateCreate" not in normative["rest"][0]["resource"][0]
    terminology = answered(fhir.get("metadata?mode=terminology"), 200)
    assert terminology["resourceType"] == "TerminologyCapabilities"
    assert "mode" in issue_of(fhir.get("metadata?mode=all"), 400)["diagnostics"]


def test_each_mode_has_a_tag_of_its_own(fhir: FhirClient) -> None:
    tags = {fhir.get(f"metadata?mode={mode}").headers["etag"] for mode in ("full", "normative", "terminology")}
    assert len(tags) == 3


def test_the_statement_comes_in_parts(fhir: FhirClient) -> None:
    shown = answered(fhir.get("metadata?_summary=true"), 200)
    assert shown["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert shown["fhirVersion"] == "4.0.1"
    part = answered(fhir.get("metadata?_elements=software"), 200)
    assert "software" in part
    assert "rest" not in part
