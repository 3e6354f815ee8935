"""What `neonpro load` tells at its end."""

from collections.abc import Iterator

from fhir_server.bulk.report import LoadReport, Refusal, SourceReport
from fhir_server.core.outcome import Issue


def report_lines(report: LoadReport) -> Iterator[str]:
    """Yield the report: each source of which something was refused or stays open, then the sums."""
    for source in report.sources:
        if source.refused or source.unresolved or source.conditional:
            yield from _source_lines(source)
    files = "1 source" if len(report.sources) == 1 else f"{len(report.sources):,} sources"
    yield f"{files}: {_counts(report.stored, report.unchanged, report.refused)}."


def _source_lines(source: SourceReport) -> Iterator[str]:
    yield f"{source.name}: {_counts(source.stored, source.unchanged, source.refused)}"
    for refusal in source.reasons:
        yield from _refusal_lines(refusal)
    if source.refused > len(source.reasons):
        yield f"  and {source.refused - len(source.reasons):,} more that were refused"
    if source.unresolved:
        yield f"  {source.unresolved:,} references to a urn that no entry has; they are stored as they are"
    if source.conditional:
        yield f"  {source.conditional:,} references that search for their target; they are stored as they are"


def _refusal_lines(refusal: Refusal) -> Iterator[str]:
    place = f"{refusal.locator}: " if refusal.locator else ""
    for issue in refusal.issues:
        yield f"  {place}{_reason(issue)}"


def _reason(issue: Issue) -> str:
    where = f"{', '.join(issue.expression)}: " if issue.expression else ""
    return f"{where}{issue.diagnostics}"


def _counts(stored: int, unchanged: int, refused: int) -> str:
    return f"{stored:,} stored, {unchanged:,} unchanged, {refused:,} refused"
