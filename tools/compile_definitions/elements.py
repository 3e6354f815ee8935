"""Reduces an ElementDefinition to its facts.

https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections.abc import Collection
from typing import Any

from tools.compile_definitions.package import JsonObject

STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"
_SYSTEM = "http://hl7.org/fhirpath/System."
_FHIR_TYPE = STRUCTURE + "structuredefinition-fhir-type"
_MAX_VALUE_SET = STRUCTURE + "elementdefinition-maxValueSet"
_BEST_PRACTICE = STRUCTURE + "elementdefinition-bestpractice"
_VALUE_CONSTRAINTS = ("fixed", "pattern", "minValue", "maxValue", "maxLength")


def element_facts(element: JsonObject, *, inherited: Collection[str]) -> JsonObject:
    """Return the facts of one element, without those that say nothing; an absent `min` is 0.

    `inherited` holds the canonical URLs of the definitions whose invariants the reader of the artefact finds
    with the definition itself: they are left out here.
    """
    facts: JsonObject = {"path": element["path"], "min": element.get("min") or None, "max": element.get("max")}
    if element.get("id", element["path"]) != element["path"]:
        facts["id"] = element["id"]
    facts["types"] = [_type_facts(kind, element) for kind in element.get("type", ())]
    facts["contentReference"] = element.get("contentReference", "").partition("#")[2]
    facts["summary"] = element.get("isSummary", False)
    facts["modifier"] = element.get("isModifier", False)
    facts["mustSupport"] = element.get("mustSupport", False)
    facts["representation"] = element.get("representation", [])
    facts["binding"] = _binding_facts(element.get("binding"))
    facts["invariants"] = _invariants(element, inherited)
    facts["sliceName"] = element.get("sliceName")
    facts["slicing"] = _slicing(element.get("slicing"))
    present = {name: value for name, value in facts.items() if value}
    return present | {name: value for name, value in element.items() if name.startswith(_VALUE_CONSTRAINTS)}


def extension_value(holder: JsonObject, url: str) -> Any:
    """Return the value of the extension `url` of `holder`, or None where it has none."""
    for extension in holder.get("extension", ()):
        if extension["url"] == url:
            return next(value for name, value in extension.items() if name.startswith("value"))
    return None


def short_canonical(url: str) -> str:
    """Return the canonical URL of a definition of FHIR's own as its name alone, any other unchanged."""
    return url.removeprefix(STRUCTURE)


def _type_facts(kind: JsonObject, element: JsonObject) -> JsonObject:
    code = kind["code"]
    if code.startswith(_SYSTEM):
        code = _attribute_type(kind, element)
    facts = {
        "code": code,
        "targets": [short_canonical(url) for url in kind.get("targetProfile", ())],
        "profiles": kind.get("profile", []),
        "aggregation": kind.get("aggregation", []),
    }
    return {name: value for name, value in facts.items() if value}


def _attribute_type(kind: JsonObject, element: JsonObject) -> str:
    """Return the FHIR type of an element that the package types by FHIRPath's system types.

    The package calls Resource.id a string; https://hl7.org/fhir/R4/resource.html says id.
    """
    if element.get("base", {}).get("path") == "Resource.id":
        return "id"
    return str(extension_value(kind, _FHIR_TYPE) or kind["code"].removeprefix(_SYSTEM).lower())


def _binding_facts(binding: JsonObject | None) -> JsonObject | None:
    if binding is None:
        return None
    facts = {
        "strength": binding["strength"],
        "valueSet": binding.get("valueSet"),
        "maxValueSet": extension_value(binding, _MAX_VALUE_SET),
    }
    return {name: value for name, value in facts.items() if value}


def _invariants(element: JsonObject, inherited: Collection[str]) -> list[JsonObject]:
    return [
        {
            "key": constraint["key"],
            "severity": constraint["severity"],
            "expression": constraint["expression"],
            **({"bestPractice": True} if extension_value(constraint, _BEST_PRACTICE) else {}),
        }
        for constraint in element.get("constraint", ())
        if constraint.get("source") not in inherited
    ]


def _slicing(slicing: JsonObject | None) -> JsonObject | None:
    if slicing is None:
        return None
    return {
        "discriminator": slicing.get("discriminator", []),
        "ordered": slicing.get("ordered", False),
        "rules": slicing["rules"],
    }
