"""Faults of the server and of what it depends on."""

import json

import pytest

from fhir_server.command_line.watch import is_ready
from tests.plugins.databases import Administrator, administrator_of, paused_redis
from tests.plugins.fhir_client import (
    CPF,
    FAMILY,
    FhirClient,
    Resource,
    answered,
    eventually,
    issue_of,
    patient,
    place_of,
)
from tests.plugins.process import Neonpro


@pytest.fixture(scope="module")
def administrator(narrow_neonpro: Neonpro) -> Administrator:
    """Return the administrator of the database of the server with one connection."""
    return administrator_of(narrow_neonpro)


@pytest.fixture
def stored(narrow_fhir: FhirClient) -> Resource:
    """Return a stored patient."""
    return narrow_fhir.stored(patient())


def test_an_internal_fault_tells_the_request_id_and_nothing_else(
    narrow_fhir: FhirClient, administrator: Administrator, stored: Resource
) -> None:
    with administrator.without_bodies():
        answers = [
            narrow_fhir.get(place_of(stored)),
            narrow_fhir.get("Patient/_history"),
            narrow_fhir.create(patient()),
            narrow_fhir.update({**stored, "active": True}),
            narrow_fhir.delete(place_of(stored)),
        ]
    for answer in answers:
        request_id = answer.headers["x-request-id"]
        assert answer.status_code == 500
        assert answer.json() == {
            "resourceType": "OperationOutcome",
            "issue": [
                {
                    "severity": "fatal",
                    "code": "exception",
                    "diagnostics": f"Internal error in the request {request_id}.",
                }
            ],
        }
    assert answered(narrow_fhir.get(place_of(stored)), 200) == stored
    assert narrow_fhir.update({**stored, "active": True}).status_code == 200


def test_an_internal_fault_is_logged_where_it_came_from_without_values(
    narrow_neonpro: Neonpro, narrow_fhir: FhirClient, administrator: Administrator
) -> None:
    with administrator.without_bodies():
        request_id = narrow_fhir.create(patient()).headers["x-request-id"]
    eventually(lambda: request_id in narrow_neonpro.log.read_text(), "the fault is logged")
    (line,) = (line for line in narrow_neonpro.log.read_text().splitlines() if request_id in line)
    entry = json.loads(line)
    assert (entry["level"], entry["status"], entry["interaction"]) == ("error", 500, "create")
    assert entry["error"][0]["type"] == "psycopg.errors.UndefinedColumn"
    assert any("write.py" in place for place in entry["error"][0]["at"])
    assert FAMILY not in line
    assert CPF not in line


def test_a_database_that_is_away_is_told_and_found_again(
    narrow_neonpro: Neonpro, narrow_fhir: FhirClient, administrator: Administrator, stored: Resource
) -> None:
    with administrator.refusing_connections():
        answer = narrow_fhir.http.get(f"{narrow_neonpro.origin}/readyz")
        assert answer.status_code == 503
        found = answer.json()
        assert found["status"] == "fail"
        assert found["checks"]["database"][0]["status"] == "fail"
        assert found["checks"]["redis"][0]["status"] == "pass"
        assert narrow_fhir.http.get(f"{narrow_neonpro.origin}/livez").status_code == 200
        refused = narrow_fhir.get(place_of(stored))
        assert issue_of(refused, 503)["code"] in ("transient", "throttled")
        assert int(refused.headers["retry-after"]) >= 1
        assert narrow_fhir.create(patient()).status_code == 503
    eventually(lambda: is_ready("127.0.0.1", narrow_neonpro.port), "the database is found again")
    assert narrow_fhir.get(place_of(stored)).json() == stored


def test_a_database_that_does_not_answer_is_told_and_found_again(
    narrow_neonpro: Neonpro, narrow_fhir: FhirClient, administrator: Administrator, stored: Resource
) -> None:
    with administrator.paused():
        answer = narrow_fhir.http.get(f"{narrow_neonpro.origin}/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["database"][0] | {"observedValue": 0} == {
            "status": "fail",
            "observedValue": 0,
            "observedUnit": "ms",
            "output": "timeout",
        }
        assert answer.elapsed.total_seconds() < 5
    eventually(lambda: is_ready("127.0.0.1", narrow_neonpro.port), "the database answers again")
    assert narrow_fhir.get(place_of(stored)).json() == stored


def test_a_redis_that_does_not_answer_is_told_and_resources_are_still_served(
    narrow_neonpro: Neonpro, narrow_fhir: FhirClient, stored: Resource
) -> None:
    with paused_redis(narrow_neonpro):
        answer = narrow_fhir.http.get(f"{narrow_neonpro.origin}/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["redis"][0]["output"] == "timeout"
        assert answer.json()["checks"]["database"][0]["status"] == "pass"
        assert answered(narrow_fhir.get(place_of(stored)), 200) == stored
    eventually(lambda: is_ready("127.0.0.1", narrow_neonpro.port), "Redis answers again")
