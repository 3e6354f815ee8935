"""JSON as the thorough walk sees it, to be built, changed and written by tests.

An object is `Members`, which may hold a name twice, and a number is `Number`, which keeps its text.
"""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from fhir_server.definitions import Definitions
from fhir_server.definitions.shape import RESOURCE, Property, Shape
from fhir_server.validation.parse import Members, Number

TEXTS: dict[str, tuple[str, ...]] = {
    "base64Binary": ("AAAA", "bm8=", "bg==", "AAAA\r\nBBBB"),
    "canonical": ("http://example.org/a|1", "#a"),
    "code": ("final", "a b", "ção"),
    "date": ("2024", "2024-02", "2024-02-29", "1987-12-31"),
    "dateTime": ("2024", "2024-02", "2024-02-29", "2024-02-29T23:59:60Z", "2024-02-29T00:00:00.000-03:00"),
    "id": ("a", "A-b.9", "x" * 64),
    "instant": ("2024-02-29T23:59:59.123456789Z", "2000-01-01T00:00:00+14:00"),
    "markdown": ("*a*", " \n", 'São {} [] \\ " null'),
    "oid": ("urn:oid:1.2.3", "urn:oid:0.0"),
    "string": ("a", " ", 'São {} [] \\ " null', "\u2028\x7f😀", '":', '\\":', "_", ":-0,"),
    "time": ("00:00:00", "23:59:60.5"),
    "uri": ("http://example.org/á", "urn:uuid:1", "#"),
    "url": ("http://example.org/", "mailto:a@example.org"),
    "uuid": ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520",),
    "xhtml": ('<div xmlns="http://www.w3.org/1999/xhtml">a</div>',),
}
NUMBERS: dict[str, tuple[str, ...]] = {
    "decimal": ("0", "-0", "-0.0", "1.50", "1e2", "1E-2", "-12345678901234567890.12345678901234567890", "9" * 100),
    "integer": ("0", "-0", "-2147483648", "2147483647"),
    "positiveInt": ("1", "2147483647"),
    "unsignedInt": ("0", "2147483647"),
}
_LEVELS = 3


def json_text(value: Any, *, ascii_only: bool = False) -> bytes:
    """Return `value` as minified JSON."""
    if isinstance(value, Members):
        members = (
            json_text(name, ascii_only=ascii_only) + b":" + json_text(held, ascii_only=ascii_only)
            for name, held in value
        )
        return b"{" + b",".join(members) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(json_text(item, ascii_only=ascii_only) for item in value) + b"]"
    if isinstance(value, Number):
        return value.encode()
    return json.dumps(value, ensure_ascii=ascii_only).encode()


def edit(value: Any, where: tuple[int, ...], change: Callable[[Any], Any]) -> Any:
    """Return `value` with `change` applied to the value that `where` leads to, by positions in objects and arrays."""
    if not where:
        return change(value)
    first, rest = where[0], where[1:]
    items = list(value)
    if isinstance(value, Members):
        name, held = items[first]
        items[first] = (name, edit(held, rest, change))
        return Members(items)
    items[first] = edit(items[first], rest, change)
    return items


def places(value: Any, where: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Yield the place of every value in `value`, its own first."""
    yield where
    if isinstance(value, Members | list):
        for position, item in enumerate(value):
            yield from places(item[1] if isinstance(value, Members) else item, (*where, position))


def shuffled(value: Any, chance: random.Random) -> Any:
    """Return `value` with the members of every object in another order."""
    if isinstance(value, Members):
        members = [(name, shuffled(held, chance)) for name, held in value]
        chance.shuffle(members)
        return Members(members)
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


class Maker:
    """Makes valid resources of any type by chance."""

    def __init__(self, definitions: Definitions, chance: random.Random) -> None:
        self._definitions = definitions
        self._chance = chance

    def resource(self, name: str = "", level: int = 0) -> Members:
        """Return a resource of the type `name`, by default of any."""
        name = name or self._chance.choice(self._definitions.resource_types)
        return Members([("resourceType", name), *self._members(self._definitions.shape(name), level)])

    def _members(self, shape: Shape, level: int) -> list[tuple[str, Any]]:
        members: list[tuple[str, Any]] = []
        rarity = 0.5 if len(shape.elements) < 8 else 0.15
        for element in shape.elements:
            names = self._definitions.json_names(shape.name)[element.name]
            each = shape.properties[self._chance.choice(names)]
            if element.min or (self._chance.random() < rarity and (level < _LEVELS or each.primitive)):
                members += self._property(each, level)
        if not members:
            primitives = [each for each in shape.properties.values() if each.primitive]
            members += self._property(self._chance.choice(primitives), level)
        return members

    def _property(self, each: Property, level: int) -> list[tuple[str, Any]]:
        count = self._chance.randint(1, 2)
        if not each.extensible or self._chance.random() < 0.8:
            values = [self._value(each, level) for _ in range(count)]
            return [(each.name, values if each.is_list else values[0])]
        extensions: list[Any] = [self._extension(level) for _ in range(count)]
        if not each.is_list:
            with_value = [(each.name, self._value(each, level))] if self._chance.random() < 0.5 else []
            return [*with_value, ("_" + each.name, extensions[0])]
        return [
            (each.name, [None, *(self._value(each, level) for _ in range(count))]),
            ("_" + each.name, [*extensions, None]),
        ]

    def _extension(self, level: int) -> Members:
        shape = self._definitions.shape("Extension")
        url = ("url", "http://example.org/why")
        inner = [url, *self._property(shape.properties["valueCode"], level + 2)] if level < _LEVELS else [url]
        return Members([("extension", [Members(inner)])])

    def _value(self, each: Property, level: int) -> Any:
        if each.type == RESOURCE:
            return self.resource("Basic" if level else "", level + 2)
        if not each.primitive:
            return Members(self._members(self._definitions.shape(each.type), level + 1))
        if each.type == "boolean":
            return self._chance.random() < 0.5
        if each.type in NUMBERS:
            return Number(self._chance.choice(NUMBERS[each.type]))
        return self._chance.choice(TEXTS[each.type])
