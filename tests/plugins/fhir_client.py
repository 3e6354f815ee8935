"""A client that speaks FHIR to a server that `neonpro serve` started, and the resources that tests send."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx
import pytest

from tests.plugins.process import Neonpro

Resource: TypeAlias = dict[str, Any]

FHIR_JSON = "application/fhir+json"
FAMILY = "Quaresma-Sigilosa"
CPF = "52998224725"
_SECONDS_TO_COME_TRUE = 15.0


@dataclass(frozen=True, slots=True)
class FhirClient:
    """Sends resources, or texts that may be none, to one server; headers are named `if_match` for `If-Match`."""

    http: httpx.Client

    def create(self, resource: Resource | bytes, /, type: str = "", query: str = "", **headers: str) -> httpx.Response:
        """POST to the resource's own type, or to `type`."""
        return self.send("POST", f"{type or _type(resource)}{query}", resource, **headers)

    def update(self, resource: Resource | bytes, /, place: str = "", query: str = "", **headers: str) -> httpx.Response:
        """PUT to the resource's own place, or to `place`."""
        return self.send("PUT", f"{place or place_of(resource)}{query}", resource, **headers)

    def get(self, path: str, /, **headers: str) -> httpx.Response:
        """GET what lies at `path` below the base URL."""
        return self.send("GET", path, **headers)

    def delete(self, path: str, /, **headers: str) -> httpx.Response:
        """DELETE what lies at `path` below the base URL."""
        return self.send("DELETE", path, **headers)

    def send(self, method: str, path: str, body: Resource | bytes | None = None, /, **headers: str) -> httpx.Response:
        """Send a request; a body is FHIR JSON unless a header says otherwise."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent.setdefault("content-type", FHIR_JSON)
        content = json.dumps(body) if isinstance(body, dict) else body
        return self.http.request(method, path, content=content, headers=sent)

    def pages(self, path: str, /) -> Iterator[Resource]:
        """Yield the Bundle at `path` and those to which `next` links lead from it."""
        while path:
            page = answered(self.get(path), 200)
            yield page
            path = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")

    def stored(self, resource: Resource, /) -> Resource:
        """Create the resource under its own id and return it as the server answers it."""
        return answered(self.update(resource), 201)


@contextmanager
def client_of(server: Neonpro, **headers: str) -> Iterator[FhirClient]:
    """Yield a client of the FHIR endpoint of `server` that sends `headers` with every request."""
    with httpx.Client(base_url=server.base_url, timeout=30, headers=headers) as http:
        yield FhirClient(http)


@pytest.fixture(scope="session")
def fhir(shared_neonpro: Neonpro) -> Iterator[FhirClient]:
    """Yield a client of the shared server."""
    with client_of(shared_neonpro) as client:
        yield client


@pytest.fixture(scope="session")
def tuned_fhir(tuned_neonpro: Neonpro) -> Iterator[FhirClient]:
    """Yield a client of the server with other settings than the defaults."""
    with client_of(tuned_neonpro) as client:
        yield client


@pytest.fixture(scope="session")
def narrow_fhir(narrow_neonpro: Neonpro) -> Iterator[FhirClient]:
    """Yield a client of the server with one database connection."""
    with client_of(narrow_neonpro) as client:
        yield client


def some_id() -> str:
    """Return an id that no other test uses."""
    return uuid.uuid4().hex


def patient(**elements: Any) -> Resource:
    """Return a patient under a new id, with a name and a CPF that no log may show."""
    return {
        "resourceType": "Patient",
        "id": some_id(),
        "identifier": [{"system": "https://saude.gov.br/fhir/sid/cpf", "value": CPF}],
        "name": [{"family": FAMILY, "given": ["Maria"]}],
        **elements,
    }


def observation(**elements: Any) -> Resource:
    """Return an observation under a new id."""
    return {
        "resourceType": "Observation",
        "id": some_id(),
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        **elements,
    }


def measured(logical_id: str, number: str) -> bytes:
    """Return the JSON text of an observation whose value is written as `number`."""
    return (
        f'{{"resourceType":"Observation","id":"{logical_id}","status":"final","code":{{"text":"x"}},'
        f'"valueQuantity":{{"value":{number}}}}}'
    ).encode()


def place_of(resource: Resource | bytes) -> str:
    """Return `Type/id` of a resource."""
    content = json.loads(resource) if isinstance(resource, bytes) else resource
    return f"{content['resourceType']}/{content['id']}"


def answered(response: httpx.Response, status: int) -> Resource:
    """Return the resource in an answer of this status."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == f"{FHIR_JSON};charset=utf-8"
    found: Resource = response.json()
    return found


def issues_of(response: httpx.Response, status: int) -> list[Resource]:
    """Return the issues of an answer of this status that is an OperationOutcome with something to say."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith((FHIR_JSON, "application/json", "text/json"))
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    issues: list[Resource] = outcome["issue"]
    assert issues
    assert all(issue["diagnostics"] and issue["severity"] and issue["code"] for issue in issues)
    return issues


def issue_of(response: httpx.Response, status: int) -> Resource:
    """Return the one issue of an answer of this status."""
    (issue,) = issues_of(response, status)
    return issue


def versions_of(history: Resource) -> list[tuple[str, str]]:
    """Return id and entity tag of each entry of a history, in their order."""
    return [(entry["fullUrl"].rsplit("/", 1)[1], entry["response"]["etag"]) for entry in history["entry"]]


def content_of(resource: Mapping[str, Any]) -> Resource:
    """Return a resource without its `meta`."""
    return {name: value for name, value in resource.items() if name != "meta"}


def eventually(is_true: Callable[[], bool], what: str) -> None:
    """Return as soon as `is_true()`; fail the test, naming `what` was waited for, when that takes too long."""
    deadline = time.monotonic() + _SECONDS_TO_COME_TRUE
    while not is_true():
        if time.monotonic() > deadline:
            pytest.fail(f"It took too long until {what}.")
        time.sleep(0.01)


def _type(resource: Resource | bytes) -> str:
    content = json.loads(resource) if isinstance(resource, bytes) else resource
    return str(content["resourceType"])
