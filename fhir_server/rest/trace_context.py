"""The ids by which a request is found again: W3C trace context, `X-Request-Id` and `X-Correlation-Id`.

https://www.w3.org/TR/trace-context-1/ and https://hl7.org/fhir/R4/http.html#custom
"""

import os
import re
from collections.abc import Callable

import msgspec

from fhir_server.core.ids import new_id

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:\Z|-)")
_TRACESTATE_MEMBER = re.compile(
    r"[ \t]*(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{1,256}\Z"
)
_SAMPLED = 1
_TRACESTATE_MEMBERS = 32
_TRACESTATE_LENGTH = 512
_REQUEST_ID = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}\Z")
_ECHOED = re.compile(r"[\x21-\x7e]{1,256}\Z")


class TraceContext(msgspec.Struct, frozen=True):
    """This server's own span in a trace, and the span that called it, None where the trace begins here."""

    trace_id: str
    span_id: str
    sampled: bool
    parent_id: str | None = None
    tracestate: str | None = None

    @property
    def traceparent(self) -> str:
        """Return the header that hands this span on, to the answer and to what is called from here."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


class RequestIds(msgspec.Struct, frozen=True):
    """The id of the request and, where there is one, the client's own id that the answer repeats."""

    request_id: str
    correlation_id: str | None = None


def trace_context(
    traceparent: str | None, tracestate: str | None = None, *, random: Callable[[int], bytes] = os.urandom
) -> TraceContext:
    """Return a new span in the caller's trace, or in a new one where `traceparent` is absent or unreadable.

    `tracestate` is handed on untouched where it is well-formed and belongs to a readable `traceparent`.
    """
    found = None if traceparent is None else _TRACEPARENT.match(traceparent)
    if found is None or not _is_readable(found):
        ids = random(24).hex()
        return TraceContext(ids[:32], ids[32:], sampled=False)
    _, trace_id, parent_id, flags = found.groups()
    return TraceContext(
        trace_id,
        random(8).hex(),
        sampled=bool(int(flags, 16) & _SAMPLED),
        parent_id=parent_id,
        tracestate=tracestate if tracestate and _is_tracestate(tracestate) else None,
    )


def _is_readable(found: re.Match[str]) -> bool:
    version, trace_id, parent_id, _ = found.groups()
    if version == "ff" or (version == "00" and found.end() != found.end(4)):
        return False
    return trace_id.strip("0") != "" and parent_id.strip("0") != ""


def _is_tracestate(header: str) -> bool:
    if len(header) > _TRACESTATE_LENGTH:
        return False
    members = [member for member in header.split(",") if member.strip()]
    keys = {member.partition("=")[0].strip() for member in members}
    return (
        0 < len(members) <= _TRACESTATE_MEMBERS
        and len(keys) == len(members)
        and all(_TRACESTATE_MEMBER.match(member.rstrip(" \t")) for member in members)
    )


def request_ids(x_request_id: str | None, x_correlation_id: str | None = None) -> RequestIds:
    """Return the ids of a request, from its headers `X-Request-Id` and `X-Correlation-Id`.

    R4 lets the server use the client's id or make its own, and then return the client's as
    `X-Correlation-Id`. A client's id of up to 128 plain characters is used; any other is repeated as
    correlation id where a header may hold it, unless the client sends a correlation id of its own.
    """
    correlation_id = x_correlation_id if x_correlation_id and _ECHOED.match(x_correlation_id) else None
    if x_request_id is None:
        return RequestIds(new_id(), correlation_id)
    if _REQUEST_ID.match(x_request_id):
        return RequestIds(x_request_id, correlation_id)
    if correlation_id is None and _ECHOED.match(x_request_id):
        correlation_id = x_request_id
    return RequestIds(new_id(), correlation_id)
