"""The base URL in answers, behind proxies too: https://hl7.org/fhir/R4/http.html#custom"""

import pytest

from tests.plugins.fhir_client import FhirClient, issue_of, patient, place_of


def test_the_base_url_is_the_one_that_the_client_used(fhir: FhirClient) -> None:
    answer = fhir.create(patient(), host="fhir.example.org:8080")
    assert answer.headers["location"].startswith("http://fhir.example.org:8080/fhir/Patient/")
    history = fhir.get(f"{place_of(answer.json())}/_history", host="fhir.example.org").json()
    assert history["link"][0]["url"].startswith("http://fhir.example.org/fhir/Patient/")
    assert history["entry"][0]["fullUrl"].startswith("http://fhir.example.org/fhir/Patient/")
    assert fhir.get("metadata", host="fhir.example.org").json()["url"] == "http://fhir.example.org/fhir/metadata"


@pytest.mark.parametrize("host", ["a b", "<script>", "x/y", "a:99999"])
def test_a_host_that_is_none_is_refused(fhir: FhirClient, host: str) -> None:
    answer = fhir.get("metadata", host=host)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("headers", "base"),
    [
        ({"x_forwarded_proto": "https", "x_forwarded_host": "clinic.example.org"}, "https://clinic.example.org/fhir"),
        ({"x_forwarded_proto": "https", "host": "clinic.example.org"}, "https://clinic.example.org/fhir"),
        (
            {"x_forwarded_proto": "https", "x_forwarded_host": "clinic.example.org", "x_forwarded_port": "8443"},
            "https://clinic.example.org:8443/fhir",
        ),
        (
            {"x_forwarded_proto": "https", "x_forwarded_host": "a.example.org, b.org", "x_forwarded_prefix": "/v1"},
            "https://a.example.org/v1/fhir",
        ),
        ({"forwarded": "for=192.0.2.1;proto=https;host=clinic.example.org"}, "https://clinic.example.org/fhir"),
        ({"forwarded": 'proto=https;host="clinic.example.org:444", for=b'}, "https://clinic.example.org:444/fhir"),
        (
            {"forwarded": "proto=https;host=a.example.org", "x_forwarded_host": "b.example.org"},
            "https://a.example.org/fhir",
        ),
    ],
)  # fmt: skip
def test_a_trusted_proxy_tells_the_base_url(tuned_fhir: FhirClient, headers: dict[str, str], base: str) -> None:
    answer = tuned_fhir.create(patient(), **headers)
    assert answer.headers["location"].startswith(f"{base}/Patient/")
    path = f"{place_of(answer.json())}/_history"
    assert tuned_fhir.get(path, **headers).json()["link"][0]["url"] == f"{base}/{path}"


@pytest.mark.parametrize(
    "headers",
    [{"x_forwarded_host": "a b"}, {"x_forwarded_proto": "javascript"}, {"forwarded": "host=<x>"}],
)
def test_forwarding_headers_that_cannot_be_read_do_not_count(tuned_fhir: FhirClient, headers: dict[str, str]) -> None:
    location = tuned_fhir.create(patient(), **headers).headers["location"]
    assert location.startswith(f"{tuned_fhir.http.base_url}Patient/")


def test_a_client_cannot_tell_the_base_url_where_no_proxy_is_trusted(fhir: FhirClient) -> None:
    answer = fhir.create(
        patient(),
        x_forwarded_host="evil.example.org",
        x_forwarded_proto="https",
        forwarded="proto=https;host=evil.example.org",
    )
    assert answer.headers["location"].startswith(f"{fhir.http.base_url}Patient/")


def test_list_members_are_found_under_the_base_url_that_the_proxy_tells(tuned_fhir: FhirClient) -> None:
    headers = {"x_forwarded_host": "clinic.example.org", "x_forwarded_proto": "https"}
    member = tuned_fhir.create(patient(), **headers).headers["location"].partition("/_history")[0]
    names = tuned_fhir.create(
        {"resourceType": "List", "status": "current", "mode": "working", "entry": [{"item": {"reference": member}}]}
    ).json()
    bundle = tuned_fhir.get(f"Patient/_history?_list={names['id']}", **headers).json()
    assert [entry["fullUrl"] for entry in bundle["entry"]] == [member]


def test_another_name_of_the_host_makes_no_difference(fhir: FhirClient) -> None:
    assert issue_of(fhir.get("Patient/none-such", host="localhost"), 404)


def test_a_base_url_that_is_set_goes_before_everything_else(narrow_fhir: FhirClient) -> None:
    created = narrow_fhir.create(patient(), x_forwarded_host="evil.example.org")
    assert created.headers["location"].startswith("https://clinic.example.org/fhir/Patient/")
    assert narrow_fhir.get("metadata").json()["implementation"]["url"] == "https://clinic.example.org/fhir"
