"""The places of a FHIR endpoint and what may be done there.

https://hl7.org/fhir/R4/http.html#summary
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fhir_server.core.errors import Invalid, MethodNotAllowed, NotFound, UnknownType
from fhir_server.core.ids import is_id
from fhir_server.core.outcome import IssueType

SYSTEM = "system"
METADATA = "metadata"
SYSTEM_HISTORY = "system-history"
TYPE = "type"
TYPE_HISTORY = "type-history"
INSTANCE = "instance"
INSTANCE_HISTORY = "instance-history"
VERSION = "version"

INTERACTIONS: Mapping[str, Mapping[str, str]] = {
    SYSTEM: {"OPTIONS": "capabilities"},
    METADATA: {"GET": "capabilities", "OPTIONS": "capabilities"},
    SYSTEM_HISTORY: {"GET": "history-system"},
    TYPE: {"POST": "create"},
    TYPE_HISTORY: {"GET": "history-type"},
    INSTANCE: {"GET": "read", "PUT": "update", "DELETE": "delete"},
    INSTANCE_HISTORY: {"GET": "history-instance"},
    VERSION: {"GET": "vread"},
}
"""The interaction that each method means at each place; HEAD is offered wherever GET is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads: one of the places above, and the parts of the path."""

    name: str
    type: str = ""
    id: str = ""
    version_id: str = ""


def place_of(path: str, *, is_stored_type: Callable[[str], bool]) -> Place:
    """Return the place that `path`, relative to the base URL, leads to.

    Raises UnknownType where it begins with something that is no resource type with an endpoint, NotFound
    where it leads nowhere.
    """
    parts = path.strip("/").split("/")
    first = parts[0]
    if len(parts) == 1:
        if not first:
            return Place(SYSTEM)
        if first == "metadata":
            return Place(METADATA)
        if first == "_history":
            return Place(SYSTEM_HISTORY)
    if not is_stored_type(first):
        raise UnknownType(
            "The first part of the path is not a resource type that R4 defines with an endpoint of its own."
        )
    if len(parts) == 1:
        return Place(TYPE, first)
    return _within_type(first, parts[1:])


def _within_type(resource_type: str, parts: list[str]) -> Place:
    match parts:
        case ["", *_]:
            raise NotFound("The path has an empty part where an id should be.")
        case ["_history"]:
            return Place(TYPE_HISTORY, resource_type)
        case [resource_id] if not resource_id.startswith(("_", "$")):
            return Place(INSTANCE, resource_type, resource_id)
        case [resource_id, "_history"]:
            return Place(INSTANCE_HISTORY, resource_type, resource_id)
        case [resource_id, "_history", version_id]:
            return Place(VERSION, resource_type, resource_id, version_id)
        case _:
            raise NotFound("This server offers nothing at this path.", code=IssueType.NOT_SUPPORTED)


def interaction_at(place: Place, method: str) -> str:
    """Return the interaction that `method` means at `place`. Raises MethodNotAllowed."""
    offered = INTERACTIONS[place.name]
    interaction = offered.get("GET" if method == "HEAD" else method)
    if interaction is None:
        raise MethodNotAllowed(
            f"This method means nothing at this path; it answers {', '.join(allowed_at(place))}.",
            allowed=allowed_at(place),
        )
    return interaction


def require_id(place: Place, method: str) -> None:
    """Raise NotFound where the id in the path is no FHIR id, Invalid where `method` would change what has it."""
    if not place.id or is_id(place.id):
        return
    told = "The id in the URL is not a FHIR id: 1 to 64 letters, digits, hyphens and dots."
    raise NotFound(told) if method in ("GET", "HEAD") else Invalid(told)


def allowed_at(place: Place) -> tuple[str, ...]:
    """Return the methods that `place` answers, for the header `Allow`."""
    offered = INTERACTIONS[place.name]
    return (*offered, "HEAD") if "GET" in offered else tuple(offered)
