"""Hypothesis strategies that make structurally valid resources from the definitions.

Values are of the right form and otherwise odd on purpose: decimals with needless digits and exponents, text of all
alphabets, primitives that are nothing but an extension, lists with gaps, contained resources.
"""

import base64
import json
from collections.abc import Callable
from datetime import UTC
from typing import Any

import msgspec
from hypothesis import strategies as st

from fhir_server.definitions import Definitions
from fhir_server.definitions.shape import RESOURCE, Property, Shape

Draw = Callable[[st.SearchStrategy[Any]], Any]

DECIMAL_TEXTS = st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
_DEPTH = 3
_CONTAINED = ("Basic", "Location", "Organization", "Substance")

_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
_WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
_MOMENTS = st.datetimes(timezones=st.just(UTC))
_INSTANTS = _MOMENTS.map(lambda moment: moment.isoformat())
_DATES = st.dates().map(lambda day: day.isoformat())

PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "base64Binary": st.binary(min_size=1, max_size=24).map(lambda data: base64.b64encode(data).decode()),
    "boolean": st.booleans(),
    "canonical": _WORDS,
    "code": _WORDS,
    "date": _DATES | _DATES.map(lambda text: text[:7]) | _DATES.map(lambda text: text[:4]),
    "dateTime": _INSTANTS | _DATES,
    "decimal": DECIMAL_TEXTS.map(lambda text: msgspec.Raw(text.encode())),
    "id": st.from_regex(r"[A-Za-z0-9\-\.]{1,64}", fullmatch=True),
    "instant": _INSTANTS,
    "integer": st.integers(-(2**31), 2**31 - 1),
    "markdown": _TEXTS,
    "oid": st.from_regex(r"urn:oid:[0-2](\.(0|[1-9][0-9]{0,5})){1,4}", fullmatch=True),
    "positiveInt": st.integers(1, 2**31 - 1),
    "string": _TEXTS | st.just(" \t\r\nx"),
    "time": st.times().map(lambda time: time.isoformat()),
    "unsignedInt": st.integers(0, 2**31 - 1),
    "uri": _WORDS,
    "url": _WORDS,
    "uuid": st.uuids().map(lambda value: value.urn),
    "xhtml": st.just('<div xmlns="http://www.w3.org/1999/xhtml">Olá &amp; até já</div>'),
}


@st.composite
def resource_texts(draw: Draw, definitions: Definitions, resource_type: str | None = None) -> bytes:
    """Return JSON text of a resource, of any stored type or of the one given, spaced and escaped in some way."""
    name = resource_type or draw(st.sampled_from(definitions.stored_types))
    text = msgspec.json.encode(draw(resources(definitions, name)))
    if draw(st.booleans()):
        text = "".join(letter if letter.isascii() else json.dumps(letter)[1:-1] for letter in text.decode()).encode()
    indent = draw(st.sampled_from([-1, 0, 3]))
    return msgspec.json.format(text, indent=indent)


@st.composite
def resources(draw: Draw, definitions: Definitions, resource_type: str, depth: int = _DEPTH) -> dict[str, Any]:
    """Return a resource as plain data whose decimals are `msgspec.Raw`."""
    return {"resourceType": resource_type} | _object(draw, definitions, definitions.shape(resource_type), depth)


def _object(draw: Draw, definitions: Definitions, shape: Shape, depth: int) -> dict[str, Any]:
    stems = {each.stem: shape.choices.get(each.stem, (each.name,)) for each in shape.properties.values()}
    optional = sorted(stems.keys() - shape.required.keys())
    chosen = list(shape.required)
    if depth > 0:
        chosen += draw(st.lists(st.sampled_from(optional), max_size=4, unique=True)) if optional else []
    if not chosen and not shape.is_resource:
        simple = [stem for stem in optional if shape.properties[stems[stem][0]].primitive]
        chosen = [draw(st.sampled_from(simple))] if simple else ["id"]
    found: dict[str, Any] = {}
    for stem in chosen:
        names = [name for name in stems[stem] if depth > 0 or shape.properties[name].primitive] or stems[stem]
        found |= _property(draw, definitions, shape.properties[draw(st.sampled_from(names))], depth)
    return found


def _property(draw: Draw, definitions: Definitions, each: Property, depth: int) -> dict[str, Any]:
    count = draw(st.integers(1, 2)) if each.is_list else 1
    if not each.primitive:
        values = [_complex(draw, definitions, each.type, depth - 1) for _ in range(count)]
        return {each.name: values if each.is_list else values[0]}
    primitives: list[Any] = [draw(PRIMITIVES[each.type]) for _ in range(count)]
    beside: list[Any] = [None] * count
    if each.extensible and depth > 0:
        for index in range(count):
            kind = draw(st.sampled_from(["plain", "plain", "plain", "both", "only"]))
            if kind == "both":
                beside[index] = _complex(draw, definitions, "Element", depth - 1)
            if kind == "only":
                beside[index] = {"extension": [_complex(draw, definitions, "Extension", depth - 1)]}
                primitives[index] = None
    found = {each.name: primitives, f"_{each.name}": beside}
    kept = {name: items for name, items in found.items() if any(item is not None for item in items)}
    return {name: items if each.is_list else items[0] for name, items in kept.items()}


def _complex(draw: Draw, definitions: Definitions, name: str, depth: int) -> dict[str, Any]:
    if name == RESOURCE:
        contained: dict[str, Any] = draw(resources(definitions, draw(st.sampled_from(_CONTAINED)), depth))
        return contained
    return _object(draw, definitions, definitions.shape(name), depth)
