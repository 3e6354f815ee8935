"""Compiles the StructureDefinitions: the types of FHIR, and the profiles on them.

https://hl7.org/fhir/R4/structuredefinition.html
"""

from collections.abc import Iterable

from tools.compile_definitions.elements import STRUCTURE, element_facts, extension_value, short_canonical
from tools.compile_definitions.package import JsonObject

_REGEX = STRUCTURE + "regex"
_TYPE_KINDS = ("primitive-type", "complex-type", "resource")


def compile_types(structures: Iterable[JsonObject]) -> list[JsonObject]:
    """Return one record for every type: primitive, datatype and resource, abstract ones included."""
    known = {structure["url"]: structure for structure in structures}
    return [_type_facts(structure, known) for structure in known.values() if _is_type(structure)]


def compile_profiles(structures: Iterable[JsonObject]) -> list[JsonObject]:
    """Return one record for every constraint on a type (extensions are profiles) and every logical model."""
    known = {structure["url"]: structure for structure in structures}
    return [_profile_facts(structure, known) for structure in known.values() if not _is_type(structure)]


def _is_type(structure: JsonObject) -> bool:
    return structure["kind"] in _TYPE_KINDS and structure.get("derivation") != "constraint"


def _type_facts(structure: JsonObject, known: dict[str, JsonObject]) -> JsonObject:
    facts: JsonObject = {
        "name": structure["type"],
        "url": structure["url"],
        "kind": structure["kind"],
        "abstract": structure["abstract"],
        "base": short_canonical(structure.get("baseDefinition", "")),
    }
    if structure["kind"] == "primitive-type":
        facts |= _primitive_facts(structure)
    facts["elements"] = _elements(structure, known)
    return {name: value for name, value in facts.items() if value != ""}


def _primitive_facts(structure: JsonObject) -> JsonObject:
    value = next(e for e in structure["snapshot"]["element"] if e["path"].endswith(".value"))
    pattern = extension_value(value["type"][0], _REGEX)
    limits = {name: value[name] for name in sorted(value) if name.startswith(("minValue", "maxValue", "maxLength"))}
    return limits if pattern is None else {"pattern": pattern, **limits}


def _profile_facts(structure: JsonObject, known: dict[str, JsonObject]) -> JsonObject:
    facts = {
        "name": structure["id"],
        "url": structure["url"],
        "version": structure.get("version"),
        "kind": structure["kind"],
        "abstract": structure["abstract"],
        "type": structure["type"],
        "base": short_canonical(structure.get("baseDefinition", "")),
        "derivation": structure.get("derivation"),
        "status": structure["status"],
        "experimental": structure.get("experimental", False),
        "context": structure.get("context", []),
        "contextInvariant": structure.get("contextInvariant", []),
        # Two examples of profiles in the package have no snapshot.
        "differential": "snapshot" not in structure,
        "elements": _elements(structure, known),
    }
    return {name: value for name, value in facts.items() if value not in (None, "", [], False)}


def _elements(structure: JsonObject, known: dict[str, JsonObject]) -> list[JsonObject]:
    """Return the facts of the elements; an invariant is told where it is defined and not where it is inherited."""
    form = structure.get("snapshot") or structure["differential"]
    inherited = set(known) - {structure["url"]}
    return [element_facts(element, inherited=inherited) for element in form["element"]]
