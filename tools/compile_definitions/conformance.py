"""Compiles search parameters, compartments and operations.

https://hl7.org/fhir/R4/searchparameter.html, https://hl7.org/fhir/R4/compartmentdefinition.html and
https://hl7.org/fhir/R4/operationdefinition.html
"""

from collections.abc import Iterable

from tools.compile_definitions.elements import short_canonical
from tools.compile_definitions.package import JsonObject


def compile_search_parameters(parameters: Iterable[JsonObject]) -> list[JsonObject]:
    """Return one record for every search parameter, without the package's illustrations of the resource type."""
    return [_search_parameter(parameter) for parameter in parameters if not _is_illustration(parameter)]


def compile_compartments(compartments: Iterable[JsonObject]) -> list[JsonObject]:
    """Return one record for every compartment: the parameters by which each member type belongs to it."""
    return [
        {
            "code": compartment["code"],
            "url": compartment["url"],
            "members": {member["code"]: member["param"] for member in compartment["resource"] if member.get("param")},
        }
        for compartment in compartments
        if not _is_illustration(compartment)
    ]


def compile_operations(operations: Iterable[JsonObject]) -> list[JsonObject]:
    """Return one record for every operation with its parameters."""
    return [_operation(operation) for operation in operations if not _is_illustration(operation)]


def _is_illustration(resource: JsonObject) -> bool:
    name: str = resource["id"]
    return name == "example" or name.startswith("example-")


def _search_parameter(parameter: JsonObject) -> JsonObject:
    facts = {
        "code": parameter["code"],
        "url": parameter["url"],
        "type": parameter["type"],
        "base": parameter.get("base", []),
        "expression": parameter.get("expression"),
        "target": parameter.get("target", []),
        "comparator": parameter.get("comparator", []),
        "modifier": parameter.get("modifier", []),
        "chain": parameter.get("chain", []),
        "multipleOr": parameter.get("multipleOr"),
        "multipleAnd": parameter.get("multipleAnd"),
        "component": parameter.get("component", []),
        "experimental": parameter.get("experimental") or None,
    }
    return _without_empty(facts)


def _operation(operation: JsonObject) -> JsonObject:
    facts = {
        "code": operation["code"],
        "url": operation["url"],
        "kind": operation["kind"],
        "affectsState": operation.get("affectsState"),
        "resource": operation.get("resource", []),
        "system": operation["system"],
        "type": operation["type"],
        "instance": operation["instance"],
        "base": operation.get("base"),
        "parameters": [_operation_parameter(parameter) for parameter in operation.get("parameter", ())],
    }
    return _without_empty(facts)


def _operation_parameter(parameter: JsonObject) -> JsonObject:
    binding = parameter.get("binding")
    facts = {
        "name": parameter["name"],
        "use": parameter["use"],
        "min": parameter["min"],
        "max": parameter["max"],
        "type": parameter.get("type"),
        "searchType": parameter.get("searchType"),
        "targets": [short_canonical(url) for url in parameter.get("targetProfile", ())],
        "binding": binding and {"strength": binding["strength"], "valueSet": binding["valueSet"]},
        "parts": [_operation_parameter(part) for part in parameter.get("part", ())],
    }
    return _without_empty(facts)


def _without_empty(facts: JsonObject) -> JsonObject:
    return {name: value for name, value in facts.items() if value is not None and value != []}
