"""The errors of the server: one class a kind, and nothing about HTTP.

    FhirError
    ├── Invalid              the request or the resource breaks a rule of FHIR
    ├── NotSupported         understood and well-formed, but not offered here
    ├── UnknownType          a resource type that has no endpoint
    ├── NotFound             no such resource or version
    ├── Gone                 the resource or version was deleted
    ├── MethodNotAllowed     the interaction is not offered at this place
    ├── Conflict             another change got in between
    ├── PreconditionFailed   If-Match or If-None-Match does not hold
    ├── UnsupportedMedia     the body's media type
    ├── NotAcceptable        the answer's media type
    ├── TooLarge             a body over the limit
    ├── Overloaded           no capacity now; worth another try
    ├── DeadlineExceeded     the work took longer than a request may
    └── StartRefused         the process cannot start; the message is the one line that the user reads

`fhir_server.rest.errors` maps each class to its HTTP status; every error carries the issues it is told with.
"""

from collections.abc import Sequence

from fhir_server.core.outcome import Issue, IssueType, Severity


class FhirError(Exception):
    """An expected failure that reaches the client as an OperationOutcome with `issues`.

    Neither the message nor an issue may hold data of a patient: both reach logs.
    """

    code: IssueType = IssueType.PROCESSING

    def __init__(
        self,
        diagnostics: str,
        *,
        expression: Sequence[str] = (),
        code: IssueType | None = None,
        issues: Sequence[Issue] = (),
    ) -> None:
        super().__init__(diagnostics)
        self.issues: tuple[Issue, ...] = tuple(issues) or (
            Issue(Severity.ERROR, code or self.code, diagnostics, tuple(expression)),
        )


class Invalid(FhirError):
    """The request or the resource breaks a rule of FHIR; each issue says which and where."""

    code = IssueType.INVALID


class NotSupported(FhirError):
    """The request is well-formed but asks for something this server does not offer."""

    code = IssueType.NOT_SUPPORTED


class UnknownType(FhirError):
    """The URL names a resource type that R4 does not define or that has no endpoint."""

    code = IssueType.NOT_SUPPORTED


class NotFound(FhirError):
    """There is no such resource, or no such version of it."""

    code = IssueType.NOT_FOUND


class Gone(FhirError):
    """The resource was deleted; `version` is the version that the deletion made."""

    code = IssueType.DELETED

    def __init__(self, diagnostics: str, *, version: int, last_modified: object = None) -> None:
        super().__init__(diagnostics)
        self.version = version
        self.last_modified = last_modified


class MethodNotAllowed(FhirError):
    """The place exists but does not answer this HTTP method; `allowed` holds those it answers."""

    code = IssueType.NOT_SUPPORTED

    def __init__(self, diagnostics: str, *, allowed: Sequence[str]) -> None:
        super().__init__(diagnostics)
        self.allowed = tuple(allowed)


class Conflict(FhirError):
    """Another change got in between, or the id belongs to something else."""

    code = IssueType.CONFLICT


class PreconditionFailed(FhirError):
    """`If-Match` or `If-None-Match` does not hold for the present version."""

    code = IssueType.CONFLICT


class UnsupportedMedia(FhirError):
    """The body's media type or encoding is not one that the server reads."""

    code = IssueType.NOT_SUPPORTED


class NotAcceptable(FhirError):
    """None of the media types that the client accepts can be written."""

    code = IssueType.NOT_SUPPORTED


class TooLarge(FhirError):
    """The body is longer than the limit."""

    code = IssueType.TOO_LONG


class Overloaded(FhirError):
    """There is no capacity now; the same request is worth another try after `retry_after` seconds."""

    code = IssueType.THROTTLED

    def __init__(self, diagnostics: str, *, retry_after: int = 1, code: IssueType | None = None) -> None:
        super().__init__(diagnostics, code=code)
        self.retry_after = retry_after


class DeadlineExceeded(FhirError):
    """The work took longer than a request may take and was cancelled; nothing of it was stored."""

    code = IssueType.TIMEOUT


class StartRefused(FhirError):
    """The process cannot start; the message is the one line that the user reads."""

    code = IssueType.EXCEPTION
