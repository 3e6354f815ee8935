"""Generates the classes that decode FHIR's JSON and check its structure while decoding.

What C checks by the annotations of the fields: names, JSON types, primitives, required objects, empty arrays.
What an annotation cannot say is a check that runs when an object is complete (`fhir_server.definitions.checks`).
"""

from typing import Annotated, Any, Protocol

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from fhir_server.definitions import checks
from fhir_server.definitions.model import TypeDefinition
from fhir_server.definitions.primitives import (
    ANY_TEXT,
    WORDS,
    annotation,
    max_length,
    text_check,
)
from fhir_server.definitions.shape import RESOURCE, Property, Shape

_NOT_EMPTY = Meta(min_length=1)


class TypeSource(Protocol):
    """Where the factory finds types; `decoder` is asked when a resource is found inside another."""

    def shape(self, name: str, /) -> Shape: ...

    def type(self, name: str, /) -> TypeDefinition: ...

    def decoder(self, name: str, /) -> "msgspec.json.Decoder[Struct]": ...


class StructFactory:
    """Makes the class of each shape once.

    Not safe for several threads: the caller holds a lock.
    """

    def __init__(self, types: TypeSource, *, max_number_length: int) -> None:
        self._types = types
        self._max_number_length = max_number_length
        self._structs: dict[str, type[Struct]] = {}
        self._annotations: dict[str, Any] = {}

    def struct(self, name: str) -> type[Struct]:
        """Return the class of the shape `name` and make those it refers to; `KeyError` where there is no such shape.

        Classes refer to each other in circles, so that each is made with its field names first and told the types
        of its fields afterwards; the library looks at them when the first decoder is made.
        """
        if name not in self._structs:
            made: list[Shape] = []
            self._make(name, made)
            for shape in made:
                self._annotate(shape)
        return self._structs[name]

    def _make(self, name: str, made: list[Shape]) -> None:
        waiting = [name]
        while waiting:
            shape = self._types.shape(waiting.pop())
            if shape.name in self._structs:
                continue
            self._structs[shape.name] = self._empty_struct(shape)
            made.append(shape)
            waiting += (p.type for p in shape.properties.values() if not p.primitive and p.type != RESOURCE)
            waiting += ["Element"]

    def _empty_struct(self, shape: Shape) -> type[Struct]:
        properties = shape.properties.values()
        required = {each.name for each in properties if _required_by_type(each)}
        names = [*shape.properties, *("_" + each.name for each in properties if each.extensible)]
        check = checks.object_check(
            shape,
            names,
            words={name: text_check(self._types.type(shape.properties[name].type)) for name in _words(shape)},
            max_number_length=self._max_number_length,
            decode_resource=self._decode_resource,
        )
        return msgspec.defstruct(
            shape.name.replace(".", "_"),
            [(name, Any) if name in required else (name, Any, UNSET) for name in names],
            namespace={"__post_init__": check} if check else None,
            module=__name__,
            tag_field="resourceType" if shape.is_resource else None,
            tag=shape.name if shape.is_resource else None,
            forbid_unknown_fields=True,
            kw_only=True,
            frozen=True,
            gc=False,
        )

    def _annotate(self, shape: Shape) -> None:
        annotations = self._structs[shape.name].__annotations__
        element = self._structs["Element"]
        words = _words(shape)
        for each in shape.properties.values():
            found = ANY_TEXT if each.name in words else self._field_type(each)
            annotations[each.name] = found if _required_by_type(each) else found | UnsetType
            if each.extensible:
                extension: Any = element
                if each.is_list:
                    extension = Annotated[list[element | None], _NOT_EMPTY]  # type: ignore[valid-type]
                annotations["_" + each.name] = extension | UnsetType

    def _field_type(self, each: Property) -> Any:
        found: Any
        if each.primitive:
            found = self._primitive(each.type)
        elif each.type == RESOURCE:
            found = Raw
        else:
            found = self._structs[each.type]
        if each.is_list:
            item = found | None if each.extensible and found is not Raw else found
            found = Annotated[list[item], _NOT_EMPTY]  # type: ignore[valid-type]
        return found

    def _primitive(self, name: str) -> Any:
        if name not in self._annotations:
            definition = self._types.type(name)
            self._annotations[name] = annotation(definition, max_length(definition, self._types.type))
        return self._annotations[name]

    def _decode_resource(self, text: Raw) -> Struct:
        return self._types.decoder(checks.resource_type(text)).decode(text)


def _words(shape: Shape) -> frozenset[str]:
    """Return the fields that a check of the whole object looks at instead of the decoder.

    One look at several fields is cheaper than a regular expression for each, but not where it is for one field that is
    mostly absent.
    """
    properties = shape.properties.values()
    names = frozenset(each.name for each in properties if each.type in WORDS and not each.is_list)
    return names if len(names) > 1 or any(each.type == "decimal" for each in properties) else frozenset()


def _required_by_type(each: Property) -> bool:
    """Tell whether the decoder itself can require the property: nothing else may stand in for it."""
    return each.element.min > 0 and not each.element.is_choice and not each.extensible
