import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from fhir_server.rest.metrics import Metrics, multiprocess_folder, watch_loop


def new_metrics() -> Metrics:
    return Metrics(CollectorRegistry(), types=frozenset({"Patient"}))


async def samples(metrics: Metrics) -> dict[tuple[str, frozenset[str]], float]:
    """Return each sample by its name and the values of its labels."""
    text = (await metrics.exposition()).decode()
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_requests_are_counted_by_interaction_type_and_status() -> None:
    metrics = new_metrics()
    for status in (200, 200, 404):
        metrics.request_started()
        metrics.request_finished("read", "Patient", status, 0.002)
    found = await samples(metrics)
    assert found["fhir_requests_total", frozenset({"read", "Patient", "200"})] == 2
    assert found["fhir_requests_total", frozenset({"read", "Patient", "404"})] == 1
    assert found["fhir_request_seconds_count", frozenset({"read"})] == 3
    assert found["fhir_request_seconds_bucket", frozenset({"read", "0.0025"})] == 3
    assert found["fhir_request_seconds_bucket", frozenset({"read", "0.001"})] == 0
    assert found["fhir_requests_in_flight", frozenset()] == 0


async def test_types_that_clients_make_up_add_no_series() -> None:
    metrics = new_metrics()
    for number in range(20):
        metrics.request_started()
        metrics.request_finished("unknown", f"Made{number}", 404, 0.001)
    found = await samples(metrics)
    assert found["fhir_requests_total", frozenset({"unknown", "", "404"})] == 20
    assert len([name for name, _ in found if name == "fhir_requests_total"]) == 1


async def test_requests_in_flight_show() -> None:
    metrics = new_metrics()
    metrics.request_started()
    metrics.request_started()
    metrics.request_finished("read", "Patient", 200, 0.001)
    assert (await samples(metrics))["fhir_requests_in_flight", frozenset()] == 1


async def test_statements_pools_and_lag_show() -> None:
    metrics = new_metrics()
    metrics.statement_finished("select_current", 0.0007)
    metrics.statement_finished("select_current", 2.0)
    metrics.pool_is("primary", {"size": 8, "waiting": 3})
    metrics.loop_lagged(0.004)
    metrics.loop_lagged(-0.001)
    found = await samples(metrics)
    assert found["fhir_statement_seconds_count", frozenset({"select_current"})] == 2
    assert found["fhir_statement_seconds_bucket", frozenset({"select_current", "0.001"})] == 1
    assert found["fhir_pool", frozenset({"primary", "waiting"})] == 3
    assert found["fhir_event_loop_lag_seconds_bucket", frozenset({"0.005"})] == 2
    assert found["fhir_event_loop_lag_seconds_bucket", frozenset({"0.0025"})] == 1


async def test_a_blocked_loop_shows_as_lag() -> None:
    lags: list[float] = []
    reported = asyncio.Event()
    times = iter([0.0, 0.75])

    def report(lag: float) -> None:
        lags.append(lag)
        reported.set()

    watch = asyncio.create_task(watch_loop(report, interval=0.001, clock=lambda: next(times, 1.0)))
    await reported.wait()
    watch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watch
    assert lags[0] == pytest.approx(0.749)


def test_the_folder_of_all_workers_comes_from_the_environment(tmp_path: Path) -> None:
    assert multiprocess_folder({"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}) == tmp_path
    assert multiprocess_folder({}) is None


WORKER = """
import asyncio
from prometheus_client import CollectorRegistry
from fhir_server.rest.metrics import Metrics, multiprocess_folder
metrics = Metrics(CollectorRegistry(), types=frozenset({"Patient"}), folder=multiprocess_folder())
metrics.request_started()
metrics.request_finished("read", "Patient", 200, 0.001)
print(asyncio.run(metrics.exposition()).decode())
"""


def test_each_worker_answers_with_the_sum_over_all_of_them(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    texts = [
        subprocess.run(
            [sys.executable, "-c", WORKER], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    series = 'fhir_requests_total{interaction="read",status="200",type="Patient"}'
    assert f"{series} 1.0" in texts[0]
    assert f"{series} 2.0" in texts[1]
