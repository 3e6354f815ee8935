"""Browser applications of other origins: https://hl7.org/fhir/R4/security.html#cors"""

from tests.plugins.fhir_client import FhirClient, patient, place_of, some_id

_ORIGIN = "https://app.example.org"


def test_a_known_origin_may_ask_before_it_writes(tuned_fhir: FhirClient) -> None:
    answer = tuned_fhir.http.options(
        "Patient/1",
        headers={
            "Origin": _ORIGIN,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "content-type, if-match, prefer",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == _ORIGIN
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert "if-match" in answer.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers


def test_a_known_origin_may_read_answers_and_their_headers(tuned_fhir: FhirClient) -> None:
    created = tuned_fhir.create(patient(), origin=_ORIGIN)
    read = tuned_fhir.get(place_of(created.json()), origin=_ORIGIN)
    missing = tuned_fhir.get(f"Patient/{some_id()}", origin=_ORIGIN)
    for answer in (created, read, missing):
        assert answer.headers["access-control-allow-origin"] == _ORIGIN
        assert {"ETag", "Location", "X-Request-Id"} <= set(answer.headers["access-control-expose-headers"].split(", "))
        assert "Origin" in answer.headers["vary"]
        assert "Accept" in answer.headers["vary"]


def test_another_origin_may_not(tuned_fhir: FhirClient) -> None:
    headers = {"Origin": "https://evil.example.org", "Access-Control-Request-Method": "PUT"}
    asked = tuned_fhir.http.options("Patient/1", headers=headers)
    assert "access-control-allow-origin" not in asked.headers
    assert "access-control-allow-origin" not in tuned_fhir.get("metadata", origin="https://evil.example.org").headers


def test_options_of_the_endpoint_still_answers_the_statement(tuned_fhir: FhirClient) -> None:
    answer = tuned_fhir.http.options("", headers={"Origin": _ORIGIN})
    assert answer.json()["resourceType"] == "CapabilityStatement"


def test_without_the_setting_no_origin_may(fhir: FhirClient) -> None:
    answer = fhir.get("metadata", origin=_ORIGIN)
    assert not [name for name in answer.headers if name.startswith("access-control")]
    asked = fhir.send("OPTIONS", "Patient", origin=_ORIGIN, access_control_request_method="POST")
    assert asked.status_code == 405
