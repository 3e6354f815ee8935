"""The JSON form of a type: which names an object may hold and what each of them holds.

https://hl7.org/fhir/R4/json.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fhir_server.definitions.model import Element, TypeDefinition

RESOURCE = "Resource"


@dataclass(frozen=True, slots=True)
class Property:
    """One name of a JSON object.

    `stem` is the name of the element, without the type that a choice appends to it in JSON. `type` is a primitive's
    name, the name of another shape, or `Resource` for a resource of any type.
    `extensible` tells whether `_name` may stand beside it: it is a primitive that may have an id and extensions.
    """

    name: str
    stem: str
    element: Element
    type: str
    primitive: bool
    extensible: bool

    @property
    def is_list(self) -> bool:
        """Whether the value is an array."""
        return self.element.is_list


@dataclass(frozen=True, slots=True)
class Shape:
    """The properties of a JSON object that is a resource, a datatype or a backbone element.

    `name` is a type or the path of a backbone element (`Patient.contact`). `choices` and `required` hold the JSON names
    of the elements that are a choice of types or must be there, by their stem and in the order of the definition.
    """

    name: str
    is_resource: bool
    elements: tuple[Element, ...]
    properties: Mapping[str, Property]
    choices: Mapping[str, tuple[str, ...]]
    required: Mapping[str, tuple[str, ...]]


def build_shape(name: str, type_of: Callable[[str], TypeDefinition]) -> Shape:
    """Return the shape `name`; `type_of` returns the definition of a type by its name."""
    definition = type_of(name.partition(".")[0])
    elements = definition.children(name)
    properties: dict[str, Property] = {}
    choices: dict[str, tuple[str, ...]] = {}
    required: dict[str, tuple[str, ...]] = {}
    for element in elements:
        found = _properties(element, definition, type_of)
        properties |= {each.name: each for each in found}
        if element.is_choice:
            choices[element.name] = tuple(each.name for each in found)
        if element.min > 0:
            required[element.name] = tuple(each.name for each in found)
    is_resource = definition.kind == "resource" and "." not in name
    return Shape(
        name=name,
        is_resource=is_resource,
        elements=elements,
        properties=MappingProxyType(properties),
        choices=MappingProxyType(choices),
        required=MappingProxyType(required),
    )


def _properties(
    element: Element, definition: TypeDefinition, type_of: Callable[[str], TypeDefinition]
) -> list[Property]:
    if element.content_reference:
        return [Property(element.name, element.name, element, element.content_reference, False, False)]
    if definition.children(element.path):
        return [Property(element.name, element.name, element, element.path, False, False)]
    found = []
    for kind in element.types:
        name = element.name
        if element.is_choice:
            name += kind.code[0].upper() + kind.code[1:]
        primitive = type_of(kind.code).kind == "primitive-type"
        # An attribute of XML has no extensions, and xhtml forbids them.
        extensible = primitive and not element.is_attribute and kind.code != "xhtml" and not _is_logical_id(element)
        found.append(Property(name, element.name, element, kind.code, primitive, extensible))
    return found


def _is_logical_id(element: Element) -> bool:
    return element.name == "id" and element.types[0].code == "id"
