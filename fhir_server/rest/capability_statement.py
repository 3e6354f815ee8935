"""capabilities: what this server does, derived from the table of what it answers.

https://hl7.org/fhir/R4/http.html#capabilities, https://hl7.org/fhir/R4/capabilitystatement.html and
https://hl7.org/fhir/R4/terminologycapabilities.html
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from msgspec import Raw

from fhir_server import __version__
from fhir_server.core.errors import Invalid
from fhir_server.core.json import dump
from fhir_server.definitions import Definitions
from fhir_server.rest import places
from fhir_server.rest.negotiation import JSON_MEDIA_TYPES

RELEASED = datetime(2026, 11, 23, tzinfo=UTC)
"""The day of the release: what is stated changes with the code and never with the clock."""

_NAME = "NeonPro"
_TITLE = "NeonPro FHIR Server"
_BASE_PROFILE = "http://hl7.org/fhir/StructureDefinition/"
_FORMATS = (*JSON_MEDIA_TYPES, "json")
_TYPE_PLACES = (
    places.INSTANCE,
    places.VERSION,
    places.INSTANCE_HISTORY,
    places.TYPE,
    places.TYPE_HISTORY,
)
_SYSTEM_PLACES = (places.SYSTEM_HISTORY,)
# The elements of what is stated here that R4 marks as trial use.
_TRIAL_USE_OF_REST = frozenset({"security"})
_TRIAL_USE_OF_RESOURCE = frozenset(
    {
        *("versioning", "readHistory", "updateCreate", "referencePolicy"),
        *("conditionalCreate", "conditionalRead", "conditionalUpdate", "conditionalDelete"),
    }
)
_DOCUMENTATION = (
    "Every answer takes `_format` and `_pretty`; those that carry resources take `_summary` and `_elements`, "
    "though not both at once; a history takes `_count`, `_since`, `_at` and `_list`. A parameter that is not "
    "known is an error, unless `Prefer: handling=lenient` is sent. `Prefer: return` is honored. "
    "An update whose content equals the present version answers with that version and makes no new one."
)


class Mode(StrEnum):
    """What part of its capabilities the server is asked for."""

    FULL = "full"
    NORMATIVE = "normative"
    TERMINOLOGY = "terminology"


@dataclass(frozen=True, slots=True)
class CapabilityOptions:
    """The settings that show in the statement; `versioned_update` holds resource types, or `*` for all."""

    update_create: bool = True
    versioned_update: frozenset[str] = frozenset()
    cors: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """A statement as it is sent: its JSON text, and the id of its entity tag."""

    text: bytes
    version_id: str


def parse_mode(value: str | None) -> Mode:
    """Return what the parameter `mode` asks for, everything where it is absent. Raises `Invalid`."""
    try:
        return Mode(value or Mode.FULL)
    except ValueError:
        raise Invalid("The parameter mode is full, normative or terminology.") from None


@lru_cache(maxsize=64)
def capabilities(definitions: Definitions, options: CapabilityOptions, *, mode: Mode, base_url: str) -> Capabilities:
    """Return the statement for clients that reach the server at `base_url`, remembered for the next one."""
    parts: dict[str, Any] = dict(_head(definitions, mode, base_url))
    if mode is not Mode.TERMINOLOGY:
        parts["rest"] = [_rest_text(definitions, options, mode)]
    text = dump(parts)
    return Capabilities(text, blake2b(text, digest_size=8).hexdigest())


@lru_cache(maxsize=8)
def _rest_text(definitions: Definitions, options: CapabilityOptions, mode: Mode) -> Raw:
    # By far the longest part, and the same at every base URL.
    return Raw(dump(_rest(definitions, options, mode)))


def statement(
    definitions: Definitions,
    options: CapabilityOptions,
    *,
    mode: Mode = Mode.FULL,
    base_url: str | None = None,
) -> dict[str, Any]:
    """Return the CapabilityStatement, or TerminologyCapabilities for `Mode.TERMINOLOGY`, as plain JSON data.

    The latter lists no code system and no operation, for none is offered yet. Without a base URL, which no
    file can know, the canonical URL and that of the implementation are left out.
    """
    head = _head(definitions, mode, base_url)
    return head if mode is Mode.TERMINOLOGY else {**head, "rest": [_rest(definitions, options, mode)]}


def _head(definitions: Definitions, mode: Mode, base_url: str | None) -> dict[str, Any]:
    if mode is Mode.TERMINOLOGY:
        return _publication("TerminologyCapabilities", base_url, "metadata?mode=terminology")
    head = _publication("CapabilityStatement", base_url, "metadata")
    return {
        **head,
        "software": {**head["software"], "releaseDate": head["date"]},
        "fhirVersion": definitions.fhir_version,
        "format": list(_FORMATS),
    }


def _publication(resource_type: str, base_url: str | None, place: str) -> dict[str, Any]:
    return {
        "resourceType": resource_type,
        **({} if base_url is None else {"url": f"{base_url}/{place}"}),
        "version": __version__,
        "name": f"{_NAME}{resource_type}",
        "title": _TITLE,
        "status": "active",
        "date": RELEASED.date().isoformat(),
        "kind": "instance",
        "software": {"name": _TITLE, "version": __version__},
        "implementation": {"description": _TITLE, **({} if base_url is None else {"url": base_url})},
    }


def _rest(definitions: Definitions, options: CapabilityOptions, mode: Mode) -> dict[str, Any]:
    resources = [_resource(options, name) for name in definitions.stored_types]
    rest = {
        "mode": "server",
        "documentation": _DOCUMENTATION,
        **({"security": {"cors": True}} if options.cors else {}),
        "resource": resources,
        "interaction": _interactions(_SYSTEM_PLACES),
    }
    if mode is not Mode.NORMATIVE:
        return rest
    return {
        **_without(rest, _TRIAL_USE_OF_REST),
        "resource": [_without(entry, _TRIAL_USE_OF_RESOURCE) for entry in resources],
    }


def _resource(options: CapabilityOptions, name: str) -> dict[str, Any]:
    fenced = not options.versioned_update.isdisjoint(("*", name))
    return {
        "type": name,
        "profile": f"{_BASE_PROFILE}{name}",
        "interaction": _interactions(_TYPE_PLACES),
        "versioning": "versioned-update" if fenced else "versioned",
        "readHistory": True,
        "updateCreate": options.update_create,
        "conditionalCreate": False,
        "conditionalRead": "full-support",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "logical"],
    }


def _interactions(names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"code": code} for name in names for code in places.INTERACTIONS[name].values()]


def _without(entry: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}
