"""Breaks sound resources in one known way each, and notes where.

Each mutator changes one place, found by chance from a seed, and tells the FHIRPath location at which the fault must be
reported, and those at which its consequences may be (a renamed element is missing under its own name).
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from fhir_server.definitions import Definitions
from fhir_server.definitions.shape import RESOURCE, Property, Shape
from fhir_server.validation.parse import Members, Number
from tests.unit.validation.trees import NUMBERS, TEXTS, edit

_BAD_PRIMITIVES = {"string": "", "markdown": "", "xhtml": "", "decimal": Number("1" * 201)}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken resource, with the location of the fault and of what may follow from it."""

    kind: str
    content: Members
    expression: str
    consequences: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Object:
    """An object in a resource: the way to it by positions, its location, and its shape."""

    where: tuple[int, ...]
    path: str
    shape: Shape
    members: Members

    def names(self) -> set[str]:
        return {name for name, _ in self.members}


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of an object that is an element (not the extensions of one)."""

    holder: _Object
    position: int
    declared: Property
    value: Any

    @property
    def where(self) -> tuple[int, ...]:
        return (*self.holder.where, self.position)

    @property
    def path(self) -> str:
        return f"{self.holder.path}.{self.declared.stem}"


def mutants(content: Members, definitions: Definitions, chance: random.Random) -> Iterator[Mutant]:
    """Yield one mutant of each kind that `content`, a sound resource, has a place for."""
    objects = list(_objects(content, definitions))
    members = [member for found in objects for member in _members(found)]
    for mutate in _OF_OBJECTS:
        yield from _first(mutate, objects, content, chance)
    for mutate_member in _OF_MEMBERS:
        yield from _first(mutate_member, members, content, chance)


def _first(
    mutate: Callable[[Any, Members], Mutant | None], places: list[Any], content: Members, chance: random.Random
) -> Iterator[Mutant]:
    """Yield the mutant of the first place, in an order by chance, that allows this mutation."""
    for place in chance.sample(places, min(len(places), 40)):
        made = mutate(place, content)
        if made is not None:
            yield made
            return


def _objects(content: Members, definitions: Definitions) -> Iterator[_Object]:
    name = dict(content)["resourceType"]
    yield from _objects_below(_Object((), name, definitions.shape(name), content), definitions)


def _objects_below(found: _Object, definitions: Definitions) -> Iterator[_Object]:
    yield found
    for member in _members(found):
        if member.declared.primitive:
            continue
        items = member.value if member.declared.is_list else [member.value]
        for index, item in enumerate(items):
            name = dict(item)["resourceType"] if member.declared.type == RESOURCE else member.declared.type
            where = (*member.where, index) if member.declared.is_list else member.where
            path = f"{member.path}[{index}]" if member.declared.is_list else member.path
            yield from _objects_below(_Object(where, path, definitions.shape(name), item), definitions)


def _members(found: _Object) -> Iterator[_Member]:
    for position, (name, value) in enumerate(found.members):
        if name in found.shape.properties:
            yield _Member(found, position, found.shape.properties[name], value)


def unknown_element(found: _Object, content: Members) -> Mutant:
    """Add a member that the type does not have."""
    changed = edit(content, found.where, lambda members: Members([*members, ("unheardOf", "a")]))
    return Mutant("unknown_element", changed, f"{found.path}.unheardOf")


def second_choice(found: _Object, content: Members) -> Mutant | None:
    """Give a choice element a second time, with another type."""
    for stem, names in found.shape.choices.items():
        given = [name for name in names if name in found.names()]
        others = [n for n in names if n not in given and found.shape.properties[n].type in (TEXTS | NUMBERS)]
        if given and others:
            changed = edit(content, found.where, partial(_with_primitive, each=found.shape.properties[others[0]]))
            return Mutant("second_choice", changed, f"{found.path}.{stem}")
    return None


def _with_primitive(members: Members, *, each: Property) -> Members:
    value = TEXTS[each.type][0] if each.type in TEXTS else Number(NUMBERS[each.type][0])
    return Members([*members, (each.name, value)])


def wrong_resource_type(found: _Object, content: Members) -> Mutant | None:
    """Name a resource type that does not exist, in a resource inside another."""
    if not (found.shape.is_resource and found.where):
        return None

    def change(members: Members) -> Members:
        return Members([(name, "Chimera" if name == "resourceType" else value) for name, value in members])

    return Mutant("wrong_resource_type", edit(content, found.where, change), found.path)


def empty_object(found: _Object, content: Members) -> Mutant | None:
    """Take all members of a datatype or backbone element."""
    if found.shape.is_resource:
        return None
    missing = {f"{found.path}.{stem}" for stem in found.shape.required}
    changed = edit(content, found.where, lambda _: Members())
    return Mutant("empty_object", changed, found.path, frozenset(missing))


def renamed_element(found: _Member, content: Members) -> Mutant:
    """Rename an element to something that the type does not have."""
    name = found.declared.name + "Unheard"
    changed = edit(content, found.holder.where, lambda members: _with(members, found.position, [(name, found.value)]))
    return Mutant("renamed_element", changed, f"{found.holder.path}.{name}", _locations_of(found))


def missing_element(found: _Member, content: Members) -> Mutant | None:
    """Drop an element that must be there."""
    if (
        not found.declared.element.min
        or "_" + found.declared.name in found.holder.names()
        or len(found.holder.members) == 1
    ):
        return None
    changed = edit(content, found.holder.where, lambda members: _with(members, found.position, []))
    return Mutant("missing_element", changed, found.path)


def name_given_twice(found: _Member, content: Members) -> Mutant:
    """Give a member a second time, with the same value."""
    twice = [(found.declared.name, found.value)] * 2
    changed = edit(content, found.holder.where, lambda members: _with(members, found.position, twice))
    return Mutant("name_given_twice", changed, found.path)


def swapped_type(found: _Member, content: Members) -> Mutant | None:
    """Put a value of another JSON type into the place of a single value."""
    if found.declared.is_list:
        return None
    value: Any = Number("1") if isinstance(found.value, Members) or type(found.value) is str else "1"
    return Mutant("swapped_type", edit(content, found.where, lambda _: value), found.path)


def item_without_array(found: _Member, content: Members) -> Mutant | None:
    """Put the first item of an array into the place of the array."""
    if not found.declared.is_list or found.value[0] is None:
        return None
    changed = edit(content, found.where, lambda items: items[0])
    return Mutant("item_without_array", changed, found.path, _locations_of(found))


def array_without_need(found: _Member, content: Members) -> Mutant | None:
    """Put an array around a single value."""
    if found.declared.is_list:
        return None
    return Mutant("array_without_need", edit(content, found.where, lambda value: [value]), found.path)


def empty_array(found: _Member, content: Members) -> Mutant | None:
    """Take all items of an array."""
    if not found.declared.is_list:
        return None
    return Mutant("empty_array", edit(content, found.where, lambda _: []), found.path)


def null_value(found: _Member, content: Members) -> Mutant:
    """Put null into the place of a value."""
    return Mutant("null_value", edit(content, found.where, lambda _: None), found.path)


def null_item(found: _Member, content: Members) -> Mutant | None:
    """Put null into an array, with no extension beside it."""
    if not found.declared.is_list or "_" + found.declared.name in found.holder.names():
        return None
    changed = edit(content, (*found.where, 0), lambda _: None)
    return Mutant("null_item", changed, f"{found.path}[0]")


def bad_primitive(found: _Member, content: Members) -> Mutant | None:
    """Put a value of the right JSON type that the primitive's rule forbids."""
    if not found.declared.primitive or found.declared.type == "boolean":
        return None
    kind = found.declared.type
    value = _BAD_PRIMITIVES.get(kind, Number("9999999999999") if kind in NUMBERS else " not one ")
    where = (*found.where, 0) if found.declared.is_list else found.where
    path = f"{found.path}[0]" if found.declared.is_list else found.path
    return Mutant("bad_primitive", edit(content, where, lambda _: value), path)


def extensions_out_of_step(found: _Member, content: Members) -> Mutant | None:
    """Give the array of a primitive's extensions one item more than there are values."""
    if not (found.declared.is_list and found.declared.extensible):
        return None
    name = "_" + found.declared.name
    if name in found.holder.names():
        return None
    beside = (name, [Members([("id", "a")])] * (len(found.value) + 1))
    changed = edit(content, found.holder.where, lambda members: Members([*members, beside]))
    return Mutant("extensions_out_of_step", changed, found.path)


def _with(members: Members, position: int, instead: list[tuple[str, Any]]) -> Members:
    return Members([*members[:position], *instead, *members[position + 1 :]])


def _locations_of(found: _Member) -> frozenset[str]:
    """Return where it may show that the element itself is not as it should be any more."""
    nulls = {f"{found.path}[{index}]" for index in range(len(found.value))} if found.declared.is_list else set()
    return frozenset({found.path} | nulls)


_OF_OBJECTS: tuple[Callable[[_Object, Members], Mutant | None], ...] = (
    unknown_element,
    second_choice,
    wrong_resource_type,
    empty_object,
)
_OF_MEMBERS: tuple[Callable[[_Member, Members], Mutant | None], ...] = (
    renamed_element,
    missing_element,
    name_given_twice,
    swapped_type,
    item_without_array,
    array_without_need,
    empty_array,
    null_value,
    null_item,
    bad_primitive,
    extensions_out_of_step,
)
KINDS = tuple(mutate.__name__ for mutate in (*_OF_OBJECTS, *_OF_MEMBERS))
