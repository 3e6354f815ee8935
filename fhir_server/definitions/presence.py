"""Checks which fields of a decoded object are there: required primitives, choices, and arrays in step.

A primitive may be absent where its extensions say why, which is why the decoder cannot require it by itself.
https://hl7.org/fhir/R4/json.html#primitive
"""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, Struct
from msgspec.structs import astuple

from fhir_server.definitions.shape import Property, Shape


def presence_check(shape: Shape, fields: list[str]) -> Callable[[Any], None] | None:
    """Return a check that raises `ValueError`, or None where nothing in `shape` needs it.

    `fields` are the names of the struct's fields in their order, those of the primitives' extensions last. All of
    them are looked at at once, as a tuple, because that costs a fraction of asking for each by its name.
    """
    if not (shape.choices or _required_primitives(shape) or _primitive_arrays(shape)):
        return None
    first_extension = len(shape.properties)
    extensions = len(fields) - first_extension
    plain = _plain_presence(shape, fields)
    with_extensions = _presence_with_extensions(shape)

    def check(self: Struct) -> None:
        values = astuple(self)
        if extensions and values[first_extension:].count(UNSET) != extensions:
            with_extensions(self)
        else:
            plain(values)

    if _required_primitives(shape) or _primitive_arrays(shape) or not shape.required.keys().isdisjoint(shape.choices):
        return check
    # Nothing but choices is left to check, and with one optional field no choice is made twice: most extensions have
    # a url and a value.
    enough = len(fields) - len(shape.required) - 1

    def check_choices(self: Struct) -> None:
        if astuple(self).count(UNSET) < enough:
            check(self)

    return check_choices


def _plain_presence(shape: Shape, fields: list[str]) -> Callable[[tuple[Any, ...]], None]:
    """Return the check of an object, as the tuple of its fields, in which no primitive has an id or extensions."""
    index = {name: position for position, name in enumerate(fields)}
    required = [index[each.name] for each in _required_primitives(shape)]
    arrays = [index[each.name] for each in _primitive_arrays(shape)]
    choices = [
        (index[names[0]], index[names[-1]] + 1, len(names) - 1, name in shape.required)
        for name, names in shape.choices.items()
    ]

    def check(values: tuple[Any, ...]) -> None:
        for position in required:
            if values[position] is UNSET:
                raise ValueError(fields[position])
        for start, end, alone, is_required in choices:
            absent = values[start:end].count(UNSET)
            if absent < alone or (absent > alone and is_required):
                raise ValueError(fields[start])
        for position in arrays:
            if values[position] is not UNSET and None in values[position]:
                raise ValueError(fields[position])

    return check


def _presence_with_extensions(shape: Shape) -> Callable[[Any], None]:
    """Check the same for an object in which some primitive has an id or extensions."""
    required = [each.name for each in _required_primitives(shape)]
    arrays = [each.name for each in _primitive_arrays(shape)]

    def check(self: Struct) -> None:
        for name in required:
            if getattr(self, name) is UNSET and not _has_extension(getattr(self, "_" + name)):
                raise ValueError(name)
        for name, names in shape.choices.items():
            given = sum(_is_given(self, shape.properties[each]) for each in names)
            if given > 1 or (given == 0 and name in shape.required):
                raise ValueError(name)
        for name in arrays:
            if not _in_step(getattr(self, name), getattr(self, "_" + name)):
                raise ValueError(name)

    return check


def _required_primitives(shape: Shape) -> list[Property]:
    """Return the primitives that may be absent only where an extension stands in for them."""
    return [p for p in shape.properties.values() if p.extensible and p.element.min and not p.element.is_choice]


def _primitive_arrays(shape: Shape) -> list[Property]:
    return [each for each in shape.properties.values() if each.extensible and each.is_list]


def _has_extension(element: Any) -> bool:
    if element is UNSET:
        return False
    if isinstance(element, list):
        return any(each is not None and _has_extension(each) for each in element)
    return element.extension is not UNSET


def _is_given(self: Struct, each: Property) -> bool:
    if getattr(self, each.name) is not UNSET:
        return True
    return each.extensible and getattr(self, "_" + each.name) is not UNSET


def _in_step(values: Any, extensions: Any) -> bool:
    """Tell whether the two arrays of a repeating primitive fit: equally long, and never null at one place."""
    if values is UNSET or extensions is UNSET:
        given = extensions if values is UNSET else values
        return given is UNSET or None not in given
    if len(values) != len(extensions):
        return False
    return all(value is not None or extension is not None for value, extension in zip(values, extensions, strict=True))
