"""JSON as text: what is computed here never passes through a float, so `1.50` stays `1.50`."""

import json
from collections.abc import Mapping

import msgspec

_encode = msgspec.json.Encoder().encode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])


def members(text: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Return the members of the JSON object `text`, each value as its own exact text.

    Raises `msgspec.DecodeError` where `text` is not a JSON object.
    """
    return _members.decode(text)


def items(text: bytes | msgspec.Raw) -> list[msgspec.Raw]:
    """Return the items of the JSON array `text`, each as its own exact text.

    Raises `msgspec.DecodeError` where `text` is not a JSON array.
    """
    return _items.decode(text)


def join_members(values: Mapping[str, msgspec.Raw]) -> bytes:
    """Return the JSON object of `values`, whose values are JSON texts, in their order."""
    return _encode(values)


def join_items(values: list[msgspec.Raw]) -> bytes:
    """Return the JSON array of `values`, which are JSON texts, in their order."""
    return _encode(values)


def dump(value: object) -> bytes:
    """Return plain JSON data as minified JSON text."""
    return _encode(value)


def canonical(text: bytes) -> bytes:
    """Return one text for all JSON texts with the same values: names sorted, numbers by their own text."""
    value = json.loads(text, parse_float=_Number, parse_int=_Number)
    return _encode_sorted(value)


class _Number(str):
    """A number's own text, kept apart from a string of the same characters by the quotes that it lacks."""

    __slots__ = ()


def _raw_number(value: object) -> msgspec.Raw:
    return msgspec.Raw(str(value).encode())


_encode_sorted = msgspec.json.Encoder(order="sorted", enc_hook=_raw_number).encode
