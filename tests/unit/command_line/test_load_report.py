from fhir_server.bulk.report import LoadReport, SourceReport
from fhir_server.command_line.load_report import report_lines
from fhir_server.core.outcome import Issue, IssueType, Severity


def issue(diagnostics: str, *expression: str) -> Issue:
    return Issue(Severity.ERROR, IssueType.STRUCTURE, diagnostics, expression)


def test_a_load_without_trouble_is_one_line() -> None:
    sources = (SourceReport("a.json", stored=1200, unchanged=3), SourceReport("b.json", stored=1))
    assert list(report_lines(LoadReport(sources))) == ["2 sources: 1,201 stored, 3 unchanged, 0 refused."]


def test_every_refused_resource_is_told_with_its_place_and_every_reason() -> None:
    source = SourceReport("a.json", stored=1)
    source.refuse("Bundle.entry[3]", [issue("is missing", "Patient.link[0].other"), issue("is too long")])
    source.refuse("", [issue("The file is damaged.")])
    assert list(report_lines(LoadReport((source,)))) == [
        "a.json: 1 stored, 0 unchanged, 2 refused",
        "  Bundle.entry[3]: Patient.link[0].other: is missing",
        "  Bundle.entry[3]: is too long",
        "  The file is damaged.",
        "1 source: 1 stored, 0 unchanged, 2 refused.",
    ]


def test_refusals_beyond_those_kept_are_counted() -> None:
    source = SourceReport("a.ndjson")
    for number in range(250):
        source.refuse(f"line {number}", [issue("is wrong")])
    lines = list(report_lines(LoadReport((source,))))
    assert lines[-2] == "  and 50 more that were refused"
    assert lines[-1] == "1 source: 0 stored, 0 unchanged, 250 refused."


def test_references_that_stay_open_are_told() -> None:
    source = SourceReport("a.json", stored=1, unresolved=2, conditional=1300)
    lines = list(report_lines(LoadReport((source,))))
    assert "2 references to a urn" in lines[1]
    assert "1,300 references that search" in lines[2]
