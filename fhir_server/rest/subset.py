"""Parts of a resource instead of the whole: `_summary` and `_elements`.

https://hl7.org/fhir/R4/search.html#summary and https://hl7.org/fhir/R4/search.html#elements
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import msgspec
from msgspec import Raw

from fhir_server.core.errors import Invalid
from fhir_server.core.json import dump, items, join_items, join_members, members
from fhir_server.definitions import Definitions

SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
CODE = "SUBSETTED"

_TAG = Raw(dump({"system": SYSTEM, "code": CODE}))
_ALWAYS = frozenset({"resourceType", "id", "meta"})
_ELEMENT = re.compile(r"(?:([A-Z][A-Za-z]*)\.)?([a-z][A-Za-z0-9]*)\Z")


class Summary(StrEnum):
    """The forms of `_summary` that leave something out."""

    TRUE = "true"
    TEXT = "text"
    DATA = "data"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Subset:
    """What to keep: a form of `_summary`, or the names of `_elements`, each with its type or None."""

    summary: Summary | None = None
    elements: tuple[tuple[str | None, str], ...] = ()

    @property
    def counts_only(self) -> bool:
        """Whether a Bundle carries its total and no entries."""
        return self.summary is Summary.COUNT


def parse_subset(
    summary: str | None,
    elements: str | None,
    *,
    definitions: Definitions,
    resource_type: str | None = None,
    bundle: bool = False,
) -> Subset | None:
    """Return what `_summary` and `_elements` ask for, None where they ask for everything.

    `resource_type` is that of the URL, None at the level of the system, where a name without a type cannot be
    checked. `_summary=count` is only for an answer that is a `bundle`.
    Raises `Invalid` for an unknown form, for an element that is not at the top of the type, and for both
    parameters at once, of which R4 does not say which would win.
    """
    form = _form(summary, bundle=bundle)
    names = [name.strip() for name in (elements or "").split(",") if name.strip()]
    if form is None and not names:
        return None
    if form is not None and names:
        raise Invalid("The parameters _summary and _elements cannot be used together.")
    return Subset(form, tuple(_element(name, resource_type, definitions) for name in names))


def _form(summary: str | None, *, bundle: bool) -> Summary | None:
    if summary is None or summary == "false":
        return None
    try:
        form = Summary(summary)
    except ValueError:
        raise Invalid("The parameter _summary is true, text, data, count or false.") from None
    if form is Summary.COUNT and not bundle:
        raise Invalid("The form _summary=count is only for answers that are Bundles.")
    return form


def _element(name: str, resource_type: str | None, definitions: Definitions) -> tuple[str | None, str]:
    found = _ELEMENT.match(name)
    if found is None:
        raise Invalid("The parameter _elements takes elements at the top of a resource: name or Patient.name.")
    only, element = found.groups()
    checked = only or resource_type
    if checked is None:
        return only, element
    if checked not in definitions.stored_types:
        raise Invalid(f"The parameter _elements names {checked}, which is not a resource type.")
    if element not in _element_names(definitions, checked):
        raise Invalid(f"The parameter _elements names {element}, which is not an element of {checked}.")
    return only, element


@lru_cache(maxsize=512)
def _element_names(definitions: Definitions, resource_type: str) -> frozenset[str]:
    return frozenset(definitions.json_names(resource_type)) | frozenset(definitions.shape(resource_type).properties)


def apply_subset(text: bytes, subset: Subset, *, definitions: Definitions) -> bytes:
    """Return the JSON text of a resource with what `subset` keeps, tagged as SUBSETTED.

    Whatever is asked for, these stay where present: id, meta, mandatory elements, and modifier elements,
    without which the rest would mislead. Every value that stays keeps the text it had. `Summary.COUNT` keeps
    no resources, so it is not for this function.
    """
    content = members(text)
    resource_type = _string(content.get("resourceType"))
    if subset.summary is Summary.TRUE:
        kept = _prune(content, resource_type, definitions)
    else:
        names = _kept_names(content, subset, resource_type, definitions)
        kept = {name: value for name, value in content.items() if name.removeprefix("_") in names}
    return join_members(_tagged(kept))


def _kept_names(content: Iterable[str], subset: Subset, resource_type: str, definitions: Definitions) -> frozenset[str]:
    if subset.summary is Summary.DATA:
        return frozenset(name.removeprefix("_") for name in content) - {"text"}
    always = _ALWAYS | _indispensable(definitions, resource_type)
    if subset.summary is Summary.TEXT:
        return always | {"text"}
    stems = definitions.json_names(resource_type)
    asked = [name for only, name in subset.elements if only in (None, resource_type)]
    return always.union(asked, *(stems.get(name, ()) for name in asked))


def _prune(content: dict[str, Raw], shape: str, definitions: Definitions) -> dict[str, Raw]:
    """Return the members of an object that `_summary=true` keeps, at every level.

    An object of which nothing would be left stays whole, because FHIR has no empty objects.
    """
    plan = _summary_plan(definitions, shape)
    kept: dict[str, Raw] = {}
    for name, value in content.items():
        inner = plan.get(name.removeprefix("_"))
        if inner is not None:
            kept[name] = _prune_value(value, inner, definitions) if inner else value
    return kept or content


def _prune_value(value: Raw, shape: str, definitions: Definitions) -> Raw:
    if bytes(value).lstrip().startswith(b"["):
        return Raw(join_items([_prune_value(item, shape, definitions) for item in items(value)]))
    return Raw(join_members(_prune(members(value), shape, definitions)))


@lru_cache(maxsize=2048)
def _summary_plan(definitions: Definitions, shape: str) -> dict[str, str]:
    """Return the JSON names that a summary keeps in `shape`, each with the shape to go on with or ''."""
    names = _summary_names(definitions, shape)
    properties = definitions.shape(shape).properties
    plan = dict.fromkeys(_ALWAYS, "") if definitions.shape(shape).is_resource else {}
    for name in names:
        inner = properties[name].type
        plan[name] = "" if properties[name].primitive or _is_kept_whole(definitions, inner) else inner
    return plan


def _summary_names(definitions: Definitions, shape: str) -> frozenset[str]:
    names = definitions.summary_elements(shape) | _indispensable(definitions, shape)
    # What is kept of a datatype keeps its extensions, which are part of the value.
    return names | ({"id", "extension"} if shape in definitions.datatypes else {"id"})


@lru_cache(maxsize=2048)
def _is_kept_whole(definitions: Definitions, shape: str) -> bool:
    """Tell whether a summary leaves nothing out of `shape`, nor of anything within it."""
    seen: set[str] = set()
    open_shapes = [shape]
    while open_shapes:
        name = open_shapes.pop()
        if name in seen or name in ("Extension", "Resource"):
            continue
        seen.add(name)
        properties = definitions.shape(name).properties
        if not properties.keys() <= _summary_names(definitions, name):
            return False
        open_shapes += [each.type for each in properties.values() if not each.primitive]
    return True


@lru_cache(maxsize=2048)
def _indispensable(definitions: Definitions, shape: str) -> frozenset[str]:
    """Return the JSON names of the mandatory elements of `shape` and of its modifier elements."""
    properties = definitions.shape(shape).properties.values()
    modifiers = frozenset(each.name for each in properties if each.element.modifier)
    return definitions.mandatory_elements(shape) | modifiers


def _tagged(content: dict[str, Raw]) -> dict[str, Raw]:
    meta = members(content["meta"]) if "meta" in content else {}
    tags = items(meta["tag"]) if "tag" in meta else []
    if not any(_is_subsetted(members(tag)) for tag in tags):
        meta["tag"] = Raw(join_items([*tags, _TAG]))
    tagged = {name: content[name] for name in content if name in ("resourceType", "id")}
    tagged["meta"] = Raw(join_members(meta))
    return tagged | {name: value for name, value in content.items() if name != "meta"}


def _is_subsetted(tag: dict[str, Raw]) -> bool:
    return _string(tag.get("system")) == SYSTEM and _string(tag.get("code")) == CODE


def _string(value: Raw | None) -> str:
    return "" if value is None else msgspec.json.decode(value, type=str)
