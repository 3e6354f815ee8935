"""How the client wants to see answers: `_pretty`, `_summary` and `_elements`.

https://hl7.org/fhir/R4/http.html#parameters
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fhir_server.core.errors import Invalid
from fhir_server.definitions import Definitions
from fhir_server.rest.pretty import parse_pretty, pretty
from fhir_server.rest.subset import Subset, apply_subset, parse_subset


@dataclass(frozen=True, slots=True)
class View:
    """What of a resource is shown, and whether indented."""

    pretty: bool = False
    subset: Subset | None = None

    @property
    def counts_only(self) -> bool:
        """Tell whether a Bundle shows its total and no entries."""
        return self.subset is not None and self.subset.counts_only

    def shown(self, text: bytes, definitions: Definitions) -> bytes:
        """Return the part of the resource `text` that is asked for."""
        return text if self.subset is None else apply_subset(text, self.subset, definitions=definitions)

    def formatted(self, text: bytes) -> bytes:
        """Return `text` indented where that is asked for."""
        return pretty(text) if self.pretty and text else text


PLAIN = View()


def view_of(
    query: Mapping[str, tuple[str, ...]], definitions: Definitions, *, resource_type: str, bundle: bool
) -> View:
    """Return the view that the parameters ask for; `bundle` says that the answer is a Bundle of resources.

    Raises Invalid for values that they do not take.
    """
    if not query:
        return PLAIN
    wanted = parse_pretty(_last(query, "_pretty"))
    subset = parse_subset(
        _last(query, "_summary"),
        ",".join(query.get("_elements", ())) or None,
        definitions=definitions,
        resource_type=resource_type or None,
        bundle=bundle,
    )
    return View(wanted, subset)


def _last(query: Mapping[str, tuple[str, ...]], name: str) -> str | None:
    values = query.get(name, ())
    if len(values) > 1:
        raise Invalid(f"The parameter {name} is given more than once.")
    return values[0] if values else None
