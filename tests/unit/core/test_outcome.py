from fhir_server.core.outcome import Issue, IssueType, Severity, operation_outcome


def test_issues_are_told_in_their_order() -> None:
    found = operation_outcome(
        [
            Issue(Severity.ERROR, IssueType.REQUIRED, "Patient.name is missing.", ("Patient.name", "Patient.name[1]")),
            Issue(Severity.INFORMATION, IssueType.INFORMATIONAL, "All is well."),
        ]
    )
    assert found == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "required",
                "diagnostics": "Patient.name is missing.",
                "expression": ["Patient.name", "Patient.name[1]"],
            },
            {"severity": "information", "code": "informational", "diagnostics": "All is well."},
        ],
    }
