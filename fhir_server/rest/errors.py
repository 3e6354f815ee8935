"""The one table that says with which HTTP status, headers and OperationOutcome an error is answered.

https://hl7.org/fhir/R4/http.html#Status-Codes
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from fhir_server.core.errors import (
    Conflict,
    DeadlineExceeded,
    FhirError,
    Gone,
    Invalid,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    NotSupported,
    Overloaded,
    PreconditionFailed,
    TooLarge,
    UnknownType,
    UnsupportedMedia,
)
from fhir_server.core.instant import format_http_date
from fhir_server.core.outcome import Issue, IssueType, Severity
from fhir_server.rest.body import BodyTooSlow
from fhir_server.rest.compression import UnsupportedCoding
from fhir_server.rest.conditional import etag
from fhir_server.rest.outcome import outcome_text

INTERNAL_ERROR = 500
_ISSUES_AT_ONCE = 200

STATUS: dict[type[FhirError], int] = {
    Invalid: 400,
    NotSupported: 400,
    UnknownType: 404,
    NotFound: 404,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    BodyTooSlow: 408,
    Conflict: 409,
    Gone: 410,
    PreconditionFailed: 412,
    TooLarge: 413,
    UnsupportedMedia: 415,
    Overloaded: 503,
    # Not 503: the same request would take too long again, where an overloaded server is worth another try.
    DeadlineExceeded: 504,
}
"""The status of each class of error; a class that is not named has that of the nearest one above it."""


@dataclass(frozen=True, slots=True)
class ErrorParts:
    """An answer that tells of an error: `body` is an OperationOutcome, `headers` has no media type yet."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def error_status(error: BaseException) -> int:
    """Return the HTTP status of `error`: 500 for anything that is not an expected failure."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return INTERNAL_ERROR


def error_parts(error: BaseException, *, request_id: str) -> ErrorParts:
    """Return the answer to a request that ended in `error`.

    An internal fault tells the request id, by which the log has the rest, and nothing else.
    """
    status = error_status(error)
    if status == INTERNAL_ERROR or not isinstance(error, FhirError):
        fault = Issue(Severity.FATAL, IssueType.EXCEPTION, f"Internal error in the request {request_id}.")
        return ErrorParts(INTERNAL_ERROR, (), outcome_text((fault,)))
    return ErrorParts(status, _headers(error), outcome_text(error.issues))


async def answer_to_error(error: BaseException, *, request_id: str) -> ErrorParts:
    """Do what `error_parts` does without keeping the event loop from its other work."""
    if isinstance(error, FhirError) and len(error.issues) > _ISSUES_AT_ONCE:
        return await asyncio.to_thread(error_parts, error, request_id=request_id)
    return error_parts(error, request_id=request_id)


def _headers(error: FhirError) -> tuple[tuple[str, str], ...]:
    match error:
        case MethodNotAllowed():
            return (("Allow", ", ".join(error.allowed)),)
        case Overloaded():
            return (("Retry-After", str(error.retry_after)),)
        case Gone():
            return _version_headers(error)
        case UnsupportedCoding():
            return (("Accept-Encoding", "gzip, identity"),)
        case _:
            return ()


def _version_headers(error: Gone) -> tuple[tuple[str, str], ...]:
    tag = ("ETag", etag(error.version))
    if isinstance(error.last_modified, datetime):
        return (tag, ("Last-Modified", format_http_date(error.last_modified)))
    return (tag,)
