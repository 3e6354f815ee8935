"""OperationOutcomes as they are sent.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from collections.abc import Iterable

from fhir_server.core.json import dump
from fhir_server.core.outcome import Issue, IssueType, Severity, operation_outcome


def outcome_text(issues: Iterable[Issue]) -> bytes:
    """Return the JSON text of an OperationOutcome that holds `issues` in their order."""
    return dump(operation_outcome(issues))


def success_text(diagnostics: str) -> bytes:
    """Return the JSON text of the OperationOutcome that says what a successful request did."""
    return outcome_text((Issue(Severity.INFORMATION, IssueType.INFORMATIONAL, diagnostics),))
