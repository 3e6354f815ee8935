"""What is known of the request in whose name something is done."""

import msgspec

from fhir_server.core.ids import new_id

DEFAULT_TENANT = 0


class Context(msgspec.Struct, frozen=True):
    """The tenant whose data is touched and the ids by which the work is found again in logs and traces."""

    tenant: int = DEFAULT_TENANT
    request_id: str = msgspec.field(default_factory=new_id)
    correlation_id: str | None = None
    traceparent: str | None = None
