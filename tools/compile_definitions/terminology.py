"""Compiles code systems, value sets and concept maps: codes, displays and hierarchy, no definitions in prose.

https://hl7.org/fhir/R4/terminology-module.html
"""

from collections.abc import Iterable

from tools.compile_definitions.package import JsonObject

_CODE_SYSTEM = (
    "url", "version", "name", "title", "status", "content", "caseSensitive", "hierarchyMeaning", "compositional",
    "versionNeeded", "valueSet", "supplements", "count",
)  # fmt: skip
_VALUE_SET = ("url", "version", "name", "title", "status", "immutable")
_CONCEPT_SET = ("system", "version", "filter", "valueSet")
_CONCEPT_MAP = (
    "url", "version", "name", "status", "sourceUri", "sourceCanonical", "targetUri", "targetCanonical",
)  # fmt: skip
_TARGET = ("code", "display", "equivalence", "dependsOn", "product")


def compile_code_systems(systems: Iterable[JsonObject]) -> list[JsonObject]:
    """Return one record for every code system with its concepts as a tree."""
    return [
        {
            **_only(system, _CODE_SYSTEM),
            **_present("identifier", _identifiers(system)),
            **_present("filter", [_only(f, ("code", "operator", "value")) for f in system.get("filter", ())]),
            **_present("property", [_only(p, ("code", "uri", "type")) for p in system.get("property", ())]),
            **_present("concept", [_concept(concept) for concept in system.get("concept", ())]),
        }
        for system in systems
    ]


def compile_value_sets(value_sets: Iterable[JsonObject]) -> list[JsonObject]:
    """Return one record for every value set with its composition."""
    return [
        {
            **_only(value_set, _VALUE_SET),
            **_present("identifier", _identifiers(value_set)),
            "compose": _compose(value_set["compose"]),
        }
        for value_set in value_sets
    ]


def compile_concept_maps(maps: Iterable[JsonObject]) -> list[JsonObject]:
    """Return one record for every concept map with its groups."""
    return [
        {**_only(concept_map, _CONCEPT_MAP), "group": [_group(group) for group in concept_map.get("group", ())]}
        for concept_map in maps
    ]


def _only(holder: JsonObject, names: Iterable[str]) -> JsonObject:
    return {name: holder[name] for name in names if name in holder}


def _present(name: str, values: list[JsonObject]) -> JsonObject:
    return {name: values} if values else {}


def _identifiers(holder: JsonObject) -> list[JsonObject]:
    """Return the identifiers (an R4 value set has several, a code system may have them as a list or as one)."""
    identifiers = holder.get("identifier", [])
    many = identifiers if isinstance(identifiers, list) else [identifiers]
    return [_only(identifier, ("system", "value")) for identifier in many]


def _concept(concept: JsonObject) -> JsonObject:
    return {
        **_only(concept, ("code", "display")),
        **_present("designation", _designations(concept)),
        **_present("property", concept.get("property", [])),
        **_present("concept", [_concept(child) for child in concept.get("concept", ())]),
    }


def _designations(concept: JsonObject) -> list[JsonObject]:
    """Return the other names of a concept; designations that hold a definition in prose are left out."""
    return [
        _only(designation, ("language", "use", "value"))
        for designation in concept.get("designation", ())
        if designation.get("use", {}).get("code") != "definition"
    ]


def _compose(compose: JsonObject) -> JsonObject:
    return {
        **_only(compose, ("lockedDate", "inactive")),
        **_present("include", [_concept_set(part) for part in compose.get("include", ())]),
        **_present("exclude", [_concept_set(part) for part in compose.get("exclude", ())]),
    }


def _concept_set(part: JsonObject) -> JsonObject:
    concepts = [
        {**_only(concept, ("code", "display")), **_present("designation", _designations(concept))}
        for concept in part.get("concept", ())
    ]
    return {**_only(part, _CONCEPT_SET), **_present("concept", concepts)}


def _group(group: JsonObject) -> JsonObject:
    elements = [
        {
            **_only(element, ("code", "display")),
            **_present("target", [_only(target, _TARGET) for target in element.get("target", ())]),
        }
        for element in group["element"]
    ]
    return {
        **_only(group, ("source", "sourceVersion", "target", "targetVersion", "unmapped")),
        "element": elements,
    }
