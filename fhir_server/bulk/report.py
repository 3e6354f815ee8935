"""What became of the resources of each source.

Reasons name elements, types and rules and never repeat a value of a resource.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fhir_server.core.outcome import Issue

MAX_REASONS = 200
"""Refused resources of one source whose reasons are kept; the others are only counted."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A resource that was not stored: where in its source it stands, and why."""

    locator: str
    issues: tuple[Issue, ...]


@dataclass(slots=True)
class SourceReport:
    """Counts resources of one source.

    `stored` got a new version, `unchanged` were there with the same values. `unresolved` counts references to
    a `urn:` that no entry of their Bundle has, `conditional` those that search for their target; both are
    stored as they are. `reasons` holds the first refusals; `refused` counts all of them.
    """

    name: str
    stored: int = 0
    unchanged: int = 0
    refused: int = 0
    unresolved: int = 0
    conditional: int = 0
    reasons: list[Refusal] = field(default_factory=list)

    def refuse(self, locator: str, issues: Sequence[Issue]) -> None:
        """Count a resource that was not stored."""
        self.refused += 1
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append(Refusal(locator, tuple(issues)))


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The reports of all sources, in their order."""

    sources: tuple[SourceReport, ...]

    @property
    def stored(self) -> int:
        """Return how many resources got a new version."""
        return sum(source.stored for source in self.sources)

    @property
    def unchanged(self) -> int:
        """Return how many resources were there already with the same values."""
        return sum(source.unchanged for source in self.sources)

    @property
    def refused(self) -> int:
        """Return how many resources were not stored."""
        return sum(source.refused for source in self.sources)

    @property
    def complete(self) -> bool:
        """Tell whether everything went in."""
        return self.refused == 0
