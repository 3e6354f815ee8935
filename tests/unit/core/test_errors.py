import inspect

import pytest

from fhir_server.core import errors
from fhir_server.core.errors import FhirError, Gone, Invalid, MethodNotAllowed, Overloaded
from fhir_server.core.outcome import Issue, IssueType, Severity

PLAIN = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, FhirError) and kind not in (Gone, MethodNotAllowed)
]


@pytest.mark.parametrize("kind", PLAIN)
def test_an_error_is_one_issue_that_says_what_it_says(kind: type[FhirError]) -> None:
    error = kind("There is a reason.")
    assert str(error) == "There is a reason."
    assert error.issues == (Issue(Severity.ERROR, kind.code, "There is a reason."),)


def test_an_error_may_have_another_code_and_a_location() -> None:
    error = Invalid("There is a reason.", code=IssueType.VALUE, expression=["Patient.id"])
    assert error.issues == (Issue(Severity.ERROR, IssueType.VALUE, "There is a reason.", ("Patient.id",)),)


def test_issues_replace_the_one_that_the_message_makes() -> None:
    issues = [Issue(Severity.ERROR, IssueType.VALUE, "one"), Issue(Severity.WARNING, IssueType.VALUE, "two")]
    assert Invalid("There is a reason.", issues=issues).issues == tuple(issues)


def test_errors_carry_what_their_answer_needs() -> None:
    assert Gone("Gone.", version=3, last_modified=None).version == 3
    assert MethodNotAllowed("No.", allowed=["GET"]).allowed == ("GET",)
    assert Overloaded("Busy.").retry_after == 1
    assert Overloaded("Busy.", retry_after=30, code=IssueType.TRANSIENT).issues[0].code == "transient"
