"""What is told of a finished request to logs and metrics."""

from typing import Protocol

import msgspec

from fhir_server.rest.trace_context import RequestIds, TraceContext


class Observation(msgspec.Struct, frozen=True):
    """One finished request; nothing in it names a patient.

    `status` is 499 where the client hung up. `fault` is an error that was not expected, or one of the
    server's own making, and None for everything that the client can be told.
    """

    method: str
    interaction: str
    type: str
    status: int
    seconds: float
    ids: RequestIds
    trace: TraceContext
    fault: BaseException | None


class Observer(Protocol):
    """Is told of every request, once at its start and once at its end."""

    def request_started(self) -> None:
        """Take note that a request came in."""

    def request_finished(self, observed: Observation) -> None:
        """Take note of how it ended."""
