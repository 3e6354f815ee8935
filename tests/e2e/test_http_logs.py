"""Logs: one JSON object a line, and no data of patients."""

import gzip
import json
from typing import Any

from tests.plugins.fhir_client import CPF, FAMILY, FhirClient, eventually, patient, place_of
from tests.plugins.process import Neonpro

_TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def logged(server: Neonpro, request_id: str) -> dict[str, Any]:
    """Return the line of a request, once it is there."""
    eventually(lambda: request_id in server.log.read_text(), "the request is logged")
    (line,) = (line for line in server.log.read_text().splitlines() if f'"{request_id}"' in line)
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_request_is_logged_with_what_finds_it_again(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    request_id = f"read-{stored['id']}"
    fhir.get(
        place_of(stored),
        x_request_id=request_id,
        x_correlation_id="c-1",
        traceparent=f"00-{_TRACE_ID}-00f067aa0ba902b7-01",
    )
    line = logged(shared_neonpro, request_id)
    assert line.pop("ms") > 0
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "fhir_server",
        "message": "request",
        "request_id": request_id,
        "method": "GET",
        "interaction": "read",
        "status": 200,
        "type": "Patient",
        "correlation_id": "c-1",
        "trace_id": _TRACE_ID,
    }


def test_a_refused_request_is_logged_with_its_status(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    request_id = fhir.create({"resourceType": "Patient", "a": 1}).headers["x-request-id"]
    line = logged(shared_neonpro, request_id)
    assert (line["status"], line["interaction"], line["level"]) == (400, "create", "info")


def test_every_line_after_the_greeting_is_a_json_object(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    logged(shared_neonpro, fhir.get("metadata").headers["x-request-id"])
    lines = shared_neonpro.log.read_text().splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    assert all({"time", "level", "logger", "message"} <= entry.keys() for entry in entries)
    others = [line for line in lines if not line.startswith("{")]
    greeting = ("FHIR R4 at ", "Data in ", "Create a patient, ", "  curl ")
    assert all(not line or line.startswith(greeting) for line in others)


def test_no_log_holds_data_of_a_patient(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    secret = patient()
    fhir.stored(secret)
    fhir.update({**secret, "active": True}, if_match='W/"9"')
    fhir.create({**secret, FAMILY: CPF, "gender": [FAMILY], "birthDate": CPF})
    fhir.create(json.dumps(secret).encode()[:-9], type="Patient")
    fhir.create({**secret, "name": [{"family": FAMILY, "period": FAMILY}]})
    fhir.create(f'{{"{FAMILY}":"{CPF}"'.encode(), type="Patient")
    fhir.create(gzip.compress(json.dumps(secret).encode())[:-5], type="Patient", content_encoding="gzip")
    fhir.update({**secret, "id": CPF})
    fhir.delete(f"Patient/{CPF}")
    fhir.get(f"Patient/{CPF}")
    fhir.get(f"Patient/{FAMILY}%00{CPF}")
    fhir.get(f"Patient?family={FAMILY}&identifier={CPF}")
    fhir.get(f"Patient/{secret['id']}?{FAMILY}={CPF}")
    fhir.get(f"{FAMILY}/{CPF}")
    fhir.get(f"_history?_since={CPF}&_list={FAMILY}")
    fhir.get("metadata", accept=FAMILY, authorization=f"Bearer {FAMILY}", host=f"{FAMILY}.example.org")
    last = fhir.get("metadata").headers["x-request-id"]
    logged(shared_neonpro, last)
    logs = [shared_neonpro.log, *(shared_neonpro.data / "log").iterdir()]
    assert len(logs) > 1
    for log in logs:
        text = log.read_text(errors="replace")
        assert FAMILY not in text
        assert CPF not in text
