"""What becomes of what is observed: lines in the log and counts in the metrics."""

import logging
from dataclasses import dataclass

from fhir_server.core.log import RequestLine, log_request, log_slow_statement
from fhir_server.rest.metrics import Metrics
from fhir_server.rest.observation import Observation


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Logs and counts requests and statements; a statement from `slow_milliseconds` on is logged by its name."""

    logger: logging.Logger
    metrics: Metrics
    slow_milliseconds: float

    def request_started(self) -> None:
        """Count a request in."""
        self.metrics.request_started()

    def request_finished(self, observed: Observation) -> None:
        """Count the request out and log it, with the fault behind it where there is one."""
        self.metrics.request_finished(observed.interaction, observed.type, observed.status, observed.seconds)
        line = RequestLine(
            observed.ids.request_id,
            observed.method,
            observed.interaction,
            observed.status,
            observed.seconds * 1000,
            type=observed.type,
            correlation_id=observed.ids.correlation_id,
            trace_id=observed.trace.trace_id,
        )
        log_request(self.logger, line, observed.fault)

    def statement_finished(self, name: str, seconds: float) -> None:
        """Count a statement, and log it where it was slow."""
        self.metrics.statement_finished(name, seconds)
        log_slow_statement(self.logger, name, milliseconds=seconds * 1000, threshold=self.slow_milliseconds)
