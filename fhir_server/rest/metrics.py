"""What the server counts and times, in Prometheus' format.

https://prometheus.io/docs/practices/naming/

Every worker process counts for itself. Where several share one address, `PROMETHEUS_MULTIPROC_DIR` must name
an empty folder before the first of them starts: prometheus-client then keeps the numbers in that folder, and
each worker answers with the sum over all of them.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

_REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_STATEMENT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class Metrics:
    """The metrics of one worker process.

    Label values are bounded: interactions, statements and pools are names from the code, a resource type that
    is not one of `types` counts under an empty name. `folder` is that of `PROMETHEUS_MULTIPROC_DIR`.
    """

    def __init__(self, registry: CollectorRegistry, *, types: frozenset[str], folder: Path | None = None) -> None:
        self._registry = registry
        self._types = types
        self._folder = folder
        self._in_flight = 0
        self._requests = Counter(
            "fhir_requests", "Requests answered.", ("interaction", "type", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "fhir_request_seconds",
            "From the first byte of a request to the last of its answer.",
            ("interaction",),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._statement_seconds = Histogram(
            "fhir_statement_seconds",
            "Time of a database statement as the server sees it.",
            ("statement",),
            buckets=_STATEMENT_SECONDS,
            registry=registry,
        )
        self._lag_seconds = Histogram(
            "fhir_event_loop_lag_seconds",
            "How much later than asked the event loop wakes.",
            buckets=_LAG_SECONDS,
            registry=registry,
        )
        self._in_flight_gauge = Gauge(
            "fhir_requests_in_flight",
            "Requests being worked on.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._pool = Gauge(
            "fhir_pool",
            "Database connections, and requests that wait for one, by state.",
            ("pool", "state"),
            registry=registry,
            multiprocess_mode="livesum",
        )
        # Looking up a child by its labels costs more than counting in it.
        self._count: dict[tuple[str, str, int], Callable[[], object]] = {}
        self._time: dict[str, Callable[[float], object]] = {}
        self._time_statement: dict[str, Callable[[float], object]] = {}

    def request_started(self) -> None:
        """Count a request in."""
        self._in_flight += 1

    def request_finished(self, interaction: str, resource_type: str | None, status: int, seconds: float) -> None:
        """Count a request that was counted in out again, with its outcome and time."""
        self._in_flight -= 1
        key = (interaction, resource_type or "", status)
        count = self._count.get(key) or self._counter(key)
        count()
        observe = self._time.get(interaction)
        if observe is None:
            observe = self._time[interaction] = self._request_seconds.labels(interaction).observe
        observe(seconds)

    def _counter(self, key: tuple[str, str, int]) -> Callable[[], object]:
        interaction, resource_type, status = key
        if resource_type and resource_type not in self._types:
            # Not remembered under its own name, which a client made up.
            return self._requests.labels(interaction, "", str(status)).inc
        count = self._count[key] = self._requests.labels(interaction, resource_type, str(status)).inc
        return count

    def statement_finished(self, statement: str, seconds: float) -> None:
        """Time a database statement by its name."""
        observe = self._time_statement.get(statement)
        if observe is None:
            observe = self._time_statement[statement] = self._statement_seconds.labels(statement).observe
        observe(seconds)

    def loop_lagged(self, seconds: float) -> None:
        """Take a measurement of the event loop's lag, and with it show the requests in flight."""
        self._lag_seconds.observe(max(0.0, seconds))
        self._in_flight_gauge.set(self._in_flight)

    def pool_is(self, pool: str, states: Mapping[str, int]) -> None:
        """Show the state of a connection pool: `{"size": 8, "available": 5, "waiting": 0}`."""
        for state, number in states.items():
            self._pool.labels(pool, state).set(number)

    async def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format, of media type `CONTENT_TYPE`.

        Works in a thread: with every interaction, type and status there are thousands of lines.
        """
        self._in_flight_gauge.set(self._in_flight)
        return await asyncio.to_thread(self._text)

    def _text(self) -> bytes:
        if self._folder is None:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, path=str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(together)


def multiprocess_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder in which the workers keep their numbers together, None where each has its own."""
    name = environ.get(MULTIPROCESS_VARIABLE)
    return Path(name) if name else None


async def watch_loop(
    report: Callable[[float], object],
    *,
    interval: float = 0.5,
    clock: Callable[[], float] = time.perf_counter,
) -> None:
    """Report every `interval` seconds by how many seconds the event loop woke later; runs until cancelled."""
    while True:
        begin = clock()
        await asyncio.sleep(interval)
        report(clock() - begin - interval)
