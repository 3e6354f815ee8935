"""What is known of the request in whose name something is done."""

from dataclasses import dataclass, field

from fhir_server.core.ids import new_id

DEFAULT_TENANT = 0


@dataclass(frozen=True, slots=True)
class Context:
    """The tenant whose data is touched and the ids by which the work is found again in logs and traces."""

    tenant: int = DEFAULT_TENANT
    request_id: str = field(default_factory=new_id)
    correlation_id: str | None = None
    traceparent: str | None = None
