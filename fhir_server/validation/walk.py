"""The thorough walk: every structural issue of a resource, each with its location.

Locations are FHIRPath: a choice element is named without its type (`Observation.value`), what concerns the extensions
of a primitive is located at the primitive, and what is missing at the place where it should be. Diagnostics name
elements, types and rules, and never a value. https://hl7.org/fhir/R4/json.html
"""

import re
from collections import Counter
from typing import Any

from fhir_server.core.outcome import Issue, IssueType, Severity
from fhir_server.definitions import Definitions
from fhir_server.definitions.shape import RESOURCE, Property, Shape
from fhir_server.validation.parse import Members
from fhir_server.validation.primitive import PrimitiveRules

_TYPE_NAME = "resourceType"
_ABSENT: Any = object()
_TELLABLE = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")


def walk(
    content: Any, definitions: Definitions, rules: PrimitiveRules, resource_type: str | None = None
) -> list[Issue]:
    """Return every structural issue of the parsed resource `content`.

    Where `resource_type` is given the resource must be of that type.
    """
    found = _Walk(definitions, rules)
    found.resource(content, "", resource_type)
    return found.issues


class _Walk:
    """One walk over one resource, which collects issues."""

    def __init__(self, definitions: Definitions, rules: PrimitiveRules) -> None:
        self.issues: list[Issue] = []
        self._definitions = definitions
        self._rules = rules

    def _tell(self, code: IssueType, path: str, diagnostics: str) -> None:
        self.issues.append(Issue(Severity.ERROR, code, diagnostics, (path,) if path else ()))

    def resource(self, value: Any, path: str, expected: str | None = None) -> None:
        """Walk over a resource at `path`, which is empty for the outermost one."""
        if not isinstance(value, Members):
            self._tell(IssueType.STRUCTURE, path or expected or "", "A resource must be a JSON object")
            return
        name = self._resource_type(value, path or expected or "", expected)
        if name is not None:
            self._object(value, self._definitions.shape(name), path or name)

    def _resource_type(self, members: Members, path: str, expected: str | None) -> str | None:
        """Return the type to walk by, or None where it cannot be known."""
        given = next((value for name, value in members if name == _TYPE_NAME), _ABSENT)
        if given is _ABSENT:
            self._tell(IssueType.REQUIRED, path, "resourceType is missing")
            return expected
        if not isinstance(given, str) or given not in self._definitions.resource_types:
            self._tell(IssueType.INVALID, path, "resourceType does not name a resource type of FHIR R4")
            return expected
        if expected is not None and given != expected:
            self._tell(IssueType.INVALID, path, f"resourceType is not {expected}, which is expected here")
        return str(given)

    def _object(self, members: Members, shape: Shape, path: str) -> None:
        if not members:
            self._tell(IssueType.STRUCTURE, path, "An object must not be empty")
        given = dict(reversed(members))
        for name, value in members:
            self._member(name, value, shape, path)
        for name, times in Counter(name for name, _ in members).items() if len(given) < len(members) else ():
            if times > 1:
                self._tell(IssueType.STRUCTURE, *_named(path, name, shape, "is given more than once in one object"))
        self._presence(given, shape, path)

    def _member(self, name: str, value: Any, shape: Shape, path: str) -> None:
        found = shape.properties.get(name)
        if found is not None:
            self._property(value, found, f"{path}.{found.stem}")
            return
        primitive = shape.properties.get(name[1:]) if name.startswith("_") else None
        if primitive is not None and primitive.extensible:
            self._extensions(value, primitive, f"{path}.{primitive.stem}")
        elif not (shape.is_resource and name == _TYPE_NAME):
            self._tell(IssueType.STRUCTURE, *_named(path, name, shape, f"is not an element of {shape.name}"))

    def _property(self, value: Any, found: Property, path: str) -> None:
        if not found.is_list:
            self._value(value, found, path)
        elif self._is_array(value, found.name, path):
            for index, item in enumerate(value):
                # A null among primitives is judged together with the array of their extensions.
                if not (item is None and found.extensible):
                    self._value(item, found, f"{path}[{index}]")

    def _extensions(self, value: Any, found: Property, path: str) -> None:
        """Walk over `_name`: the id and extensions of a primitive, or an array of them."""
        name = "_" + found.name
        element = self._definitions.shape("Element")
        if not found.is_list:
            self._complex(value, element, name, path)
        elif self._is_array(value, name, path):
            for index, item in enumerate(value):
                if item is not None:
                    self._complex(item, element, name, f"{path}[{index}]")

    def _is_array(self, value: Any, name: str, path: str) -> bool:
        if not isinstance(value, list):
            self._tell(IssueType.STRUCTURE, path, f"{name} must be an array, not {_kind(value)}")
            return False
        if not value:
            self._tell(IssueType.STRUCTURE, path, f"{name} must not be an empty array")
        return True

    def _value(self, value: Any, found: Property, path: str) -> None:
        if found.type == RESOURCE:
            self.resource(value, path)
        elif not found.primitive:
            self._complex(value, self._definitions.shape(found.type), found.name, path)
        else:
            rule = self._rules.of(found.type)
            if not rule.is_kind(value):
                self._tell(IssueType.STRUCTURE, path, f"{found.name} must be {rule.kind}, not {_kind(value)}")
            elif (fault := rule.fault(value)) is not None:
                self._tell(fault.code, path, f"{found.name} {fault.reason}")

    def _complex(self, value: Any, shape: Shape, name: str, path: str) -> None:
        if isinstance(value, Members):
            self._object(value, shape, path)
        else:
            self._tell(IssueType.STRUCTURE, path, f"{name} must be an object, not {_kind(value)}")

    def _presence(self, given: dict[str, Any], shape: Shape, path: str) -> None:
        """Tell which elements are missing, which choices are made twice and which arrays are out of step."""
        for stem, names in shape.choices.items():
            there = [name for name in names if name in given or "_" + name in given]
            if len(there) > 1:
                self._tell(IssueType.STRUCTURE, f"{path}.{stem}", f"Only one of {', '.join(there)} may be given")
        for stem, names in shape.required.items():
            if not any(_suffices(given, shape.properties[name]) for name in names):
                self._tell(IssueType.REQUIRED, f"{path}.{stem}", f"{stem} is required")
        for name in dict.fromkeys(name.removeprefix("_") for name in given):
            found = shape.properties.get(name)
            if found is not None and found.is_list and found.extensible:
                self._step(given.get(name, _ABSENT), given.get("_" + name, _ABSENT), name, f"{path}.{found.stem}")

    def _step(self, values: Any, extensions: Any, name: str, path: str) -> None:
        """Tell where the array of a primitive and the array of its extensions do not fit."""
        arrays = [array for array in (values, extensions) if isinstance(array, list)]
        if len(arrays) == 2 and len(values) != len(extensions):
            self._tell(IssueType.STRUCTURE, path, f"{name} and _{name} must be equally long")
            return
        for index, items in enumerate(zip(*arrays, strict=True)):
            if all(item is None for item in items):
                reason = f"{name} holds null where _{name} has no object either"
                self._tell(IssueType.STRUCTURE, f"{path}[{index}]", reason)


def _suffices(given: dict[str, Any], each: Property) -> bool:
    """Tell whether a required element is there: by its value, or by an extension that says why it has none."""
    if each.name in given:
        return True
    if not each.extensible:
        return False
    beside = given.get("_" + each.name)
    if each.element.is_choice:
        return beside is not None
    elements = beside if isinstance(beside, list) else [beside]
    return any(isinstance(element, Members) and "extension" in dict(element) for element in elements)


def _named(path: str, name: str, shape: Shape, statement: str) -> tuple[str, str]:
    """Return location and statement about the member `name`; a name that may be anybody's data is not repeated."""
    known = shape.properties.get(name) or shape.properties.get(name.removeprefix("_"))
    if known is not None and (not name.startswith("_") or known.extensible):
        return f"{path}.{known.stem}", f"{name} {statement}"
    if name == _TYPE_NAME and shape.is_resource:
        return path, f"{name} {statement}"
    if _TELLABLE.fullmatch(name):
        return f"{path}.{name}", f"{name} {statement}"
    return path, f"A name that no FHIR element can have {statement}"


def _kind(value: Any) -> str:
    """Return what sort of JSON value `value` is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, Members):
        return "an object"
    if isinstance(value, list):
        return "an array"
    return "a number" if type(value) is not str else "a string"
