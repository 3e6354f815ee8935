import json
from datetime import UTC, datetime

import pytest

from fhir_server.core import errors
from fhir_server.core.errors import FhirError
from fhir_server.core.outcome import Issue, IssueType, Severity
from fhir_server.rest.compression import UnsupportedCoding
from fhir_server.rest.errors import STATUS, error_parts, error_status
from fhir_server.rest.outcome import success_text

GONE_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "status", "code", "headers"),
    [
        (errors.Invalid("x"), 400, "invalid", ()),
        (errors.NotSupported("x"), 400, "not-supported", ()),
        (errors.UnknownType("x"), 404, "not-supported", ()),
        (errors.NotFound("x"), 404, "not-found", ()),
        (
            errors.MethodNotAllowed("x", allowed=["GET", "HEAD"]),
            405,
            "not-supported",
            (("Allow", "GET, HEAD"),),
        ),
        (errors.NotAcceptable("x"), 406, "not-supported", ()),
        (errors.Conflict("x"), 409, "conflict", ()),
        (errors.Gone("x", version=4), 410, "deleted", (("ETag", 'W/"4"'),)),
        (
            errors.Gone("x", version=4, last_modified=GONE_AT),
            410,
            "deleted",
            (("ETag", 'W/"4"'), ("Last-Modified", "Sat, 31 Jan 2026 12:00:00 GMT")),
        ),
        (errors.PreconditionFailed("x"), 412, "conflict", ()),
        (errors.TooLarge("x"), 413, "too-long", ()),
        (errors.UnsupportedMedia("x"), 415, "not-supported", ()),
        (UnsupportedCoding("x"), 415, "not-supported", (("Accept-Encoding", "gzip, identity"),)),
        (errors.Overloaded("x", retry_after=7), 503, "throttled", (("Retry-After", "7"),)),
        (errors.DeadlineExceeded("x"), 504, "timeout", ()),
    ],
)
def test_an_expected_failure_is_told_with_its_status_and_headers(
    error: FhirError, status: int, code: str, headers: tuple[tuple[str, str], ...]
) -> None:
    parts = error_parts(error, request_id="r1")
    assert (parts.status, parts.headers) == (status, headers)
    assert json.loads(parts.body) == {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": code, "diagnostics": "x"}],
    }


def test_every_issue_is_told_with_its_expression() -> None:
    found = [
        Issue(Severity.ERROR, IssueType.STRUCTURE, "one", ("Patient.name[0]",)),
        Issue(Severity.WARNING, IssueType.VALUE, "two"),
    ]
    body = json.loads(error_parts(errors.Invalid("x", issues=found), request_id="r1").body)
    assert [issue["diagnostics"] for issue in body["issue"]] == ["one", "two"]
    assert body["issue"][0]["expression"] == ["Patient.name[0]"]


@pytest.mark.parametrize(
    "error", [RuntimeError("secret"), KeyError("secret"), errors.StartRefused("secret"), FhirError("secret")]
)
def test_an_internal_fault_tells_the_request_id_and_nothing_else(error: Exception) -> None:
    parts = error_parts(error, request_id="r1")
    assert (parts.status, parts.headers) == (500, ())
    assert b"r1" in parts.body
    assert b"secret" not in parts.body
    assert json.loads(parts.body)["issue"][0]["code"] == "exception"


def test_every_kind_of_error_that_can_reach_a_client_has_a_status() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FhirError)} - {
        FhirError,
        errors.StartRefused,
    }
    assert kinds <= set(STATUS)


def test_a_narrower_error_has_the_status_of_the_nearest_one_above() -> None:
    class Narrower(errors.Conflict):
        pass

    assert error_status(Narrower("x")) == 409


def test_success_is_told_as_information() -> None:
    assert json.loads(success_text("Stored."))["issue"] == [
        {"severity": "information", "code": "informational", "diagnostics": "Stored."}
    ]
