"""What lies beside the FHIR endpoint: `/`, `/livez`, `/readyz` and `/metrics`."""

import re

import pytest

from tests.plugins.fhir_client import FhirClient, patient, place_of
from tests.plugins.process import Neonpro

_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("accept", ["application/json", "*/*", "", "application/fhir+json"])
def test_the_root_answers_name_version_and_links_as_json(
    shared_neonpro: Neonpro, fhir: FhirClient, accept: str
) -> None:
    answer = fhir.http.get(f"{shared_neonpro.origin}/", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    found = answer.json()
    assert (found["name"], found["fhirVersion"]) == ("NeonPro FHIR Server", "4.0.1")
    assert found["version"]
    assert set(found["links"].values()) == {"/fhir/metadata", "/livez", "/readyz", "/metrics"}


def test_the_links_of_the_root_lead_somewhere(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    links = fhir.http.get(f"{shared_neonpro.origin}/").json()["links"]
    assert {fhir.http.get(f"{shared_neonpro.origin}{link}").status_code for link in links.values()} == {200}


def test_the_root_answers_a_page_to_a_browser(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    answer = fhir.http.get(f"{shared_neonpro.origin}/", headers={"Accept": _BROWSER})
    assert answer.headers["content-type"] == "text/html;charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert 'href="/fhir/metadata"' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/metrics"])
def test_head_answers_wherever_get_does(shared_neonpro: Neonpro, fhir: FhirClient, path: str) -> None:
    head = fhir.http.head(f"{shared_neonpro.origin}{path}")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", ["/nowhere", "/fhirx", "/docs", "/openapi.json", "/favicon.ico"])
def test_nothing_else_lies_beside(shared_neonpro: Neonpro, fhir: FhirClient, path: str) -> None:
    answer = fhir.http.get(f"{shared_neonpro.origin}{path}", headers={"Accept": _BROWSER})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/json")


def test_livez_tells_that_the_process_lives(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    answer = fhir.http.get(f"{shared_neonpro.origin}/livez")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/health+json"
    assert answer.json()["status"] == "pass"


def test_readyz_tells_state_and_time_of_each_dependency(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    answer = fhir.http.get(f"{shared_neonpro.origin}/readyz")
    assert answer.status_code == 200
    found = answer.json()
    assert found["status"] == "pass"
    assert set(found["checks"]) == {"database", "redis"}
    for (check,) in found["checks"].values():
        assert check["status"] == "pass"
        assert check["observedValue"] >= 0
        assert check["observedUnit"] == "ms"


def test_metrics_count_requests_by_interaction_type_and_status(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    def counted() -> dict[str, float]:
        text = fhir.http.get(f"{shared_neonpro.origin}/metrics").text
        found = re.findall(r"^(fhir_requests_total\{.*\}) (\S+)$", text, re.MULTILINE)
        return {name: float(value) for name, value in found}

    def name(interaction: str, status: int) -> str:
        return f'fhir_requests_total{{interaction="{interaction}",status="{status}",type="Patient"}}'

    before = counted()
    stored = fhir.stored(patient())
    fhir.get(place_of(stored))
    fhir.delete(place_of(stored))
    fhir.get(place_of(stored))
    after = counted()
    for key in (name("update", 201), name("read", 200), name("delete", 204), name("read", 410)):
        assert after[key] == before.get(key, 0) + 1


def test_metrics_are_in_the_format_of_prometheus_and_tell_of_statements_and_the_loop(
    shared_neonpro: Neonpro, fhir: FhirClient
) -> None:
    stored = fhir.stored(patient())
    answer = fhir.http.get(f"{shared_neonpro.origin}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    for expected in (
        'fhir_request_seconds_bucket{interaction="update",le="+Inf"}',
        'fhir_statement_seconds_count{statement="insert_versions"}',
        "fhir_event_loop_lag_seconds_count",
        "fhir_requests_in_flight",
    ):
        assert f"\n{expected}" in answer.text
    assert stored["id"] not in answer.text


def test_metrics_make_no_label_of_what_clients_make_up(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    fhir.get("Quaresma/1")
    fhir.send("FOO", "Patient/1")
    text = fhir.http.get(f"{shared_neonpro.origin}/metrics").text
    assert "Quaresma" not in text
    assert "FOO" not in text


def test_without_metrics_there_is_no_place_and_no_link_for_them(tuned_neonpro: Neonpro, tuned_fhir: FhirClient) -> None:
    assert tuned_fhir.http.get(f"{tuned_neonpro.origin}/metrics").status_code == 404
    assert "/metrics" not in tuned_fhir.http.get(f"{tuned_neonpro.origin}/").json()["links"].values()
