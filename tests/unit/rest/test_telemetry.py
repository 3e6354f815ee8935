import logging

import pytest
from prometheus_client import CollectorRegistry

from fhir_server.rest.metrics import Metrics
from fhir_server.rest.observation import Observation
from fhir_server.rest.telemetry import Telemetry
from fhir_server.rest.trace_context import RequestIds, TraceContext

TRACE = TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=False)


def new_telemetry() -> Telemetry:
    metrics = Metrics(CollectorRegistry(), types=frozenset({"Patient"}))
    return Telemetry(logging.getLogger("fhir_server.test"), metrics, slow_milliseconds=200)


def observed(status: int, fault: BaseException | None = None) -> Observation:
    return Observation(
        method="GET",
        interaction="read",
        type="Patient",
        status=status,
        seconds=0.0125,
        ids=RequestIds("r1", "c1"),
        trace=TRACE,
        fault=fault,
    )


async def test_a_request_is_logged_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = new_telemetry()
    telemetry.request_started()
    with caplog.at_level(logging.INFO):
        telemetry.request_finished(observed(200))
    assert vars(caplog.records[0])["fields"] == {
        "request_id": "r1",
        "method": "GET",
        "interaction": "read",
        "status": 200,
        "ms": 12.5,
        "type": "Patient",
        "correlation_id": "c1",
        "trace_id": TRACE.trace_id,
    }
    assert b'fhir_requests_total{interaction="read",status="200",type="Patient"} 1.0' in (
        await telemetry.metrics.exposition()
    )


def test_a_fault_is_logged_with_where_it_came_from(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = new_telemetry()
    fault = RuntimeError("x")
    telemetry.request_started()
    telemetry.request_finished(observed(500, fault))
    assert caplog.records[0].levelno == logging.ERROR
    assert caplog.records[0].exc_info == (RuntimeError, fault, None)


async def test_a_statement_is_counted_and_logged_where_it_was_slow(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = new_telemetry()
    telemetry.statement_finished("quick", 0.1)
    telemetry.statement_finished("slow", 0.25)
    assert [vars(record)["fields"] for record in caplog.records] == [{"statement": "slow", "ms": 250.0}]
    text = await telemetry.metrics.exposition()
    assert b'fhir_statement_seconds_count{statement="quick"} 1.0' in text
