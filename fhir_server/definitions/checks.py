"""What is checked of an object once it is decoded, where the types of its fields cannot say it.

Each check raises `ValueError`, which the decoder turns into its own error; it need not explain, because a refused
resource is walked again for that.
"""

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct
from msgspec.structs import force_setattr

from fhir_server.definitions.presence import presence_check
from fhir_server.definitions.primitives import is_base64
from fhir_server.definitions.shape import RESOURCE, Shape

Check = Callable[[Any], None]

_HEAD = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"')
_NUMBER_START = frozenset(b"-0123456789")


class _Head(Struct):
    resourceType: str  # noqa: N815  # FHIR's name.


_head = msgspec.json.Decoder(_Head)


def resource_type(text: bytes | Raw) -> str:
    """Return the resource type that the JSON object `text` names.

    Raises `ValueError` where there is none; that it is a type of FHIR is not checked.
    """
    found = _HEAD.match(text)
    return found.group(1).decode() if found else _head.decode(text).resourceType


def object_check(
    shape: Shape,
    fields: list[str],
    *,
    words: Mapping[str, Callable[[str], bool]],
    max_number_length: int,
    decode_resource: Callable[[Raw], Struct],
) -> Check | None:
    """Return the check of the objects of `shape`, or None where there is nothing to check.

    `fields` are the names of the struct's fields in their order, those of the primitives' extensions last. `words`
    holds the predicate of each field that the decoder takes as any text and that hardly ever holds a space.
    """
    found = [
        _words(words),
        _numbers(shape, max_number_length),
        presence_check(shape, fields),
        *(_base64(each.name) for each in shape.properties.values() if each.type == "base64Binary"),
        *(_resource(each.name, decode_resource) for each in shape.properties.values() if each.type == RESOURCE),
    ]
    checks = [check for check in found if check]
    if len(checks) <= 1:
        return checks[0] if checks else None

    def check(self: Struct) -> None:
        for each in checks:
            each(self)

    return check


def _words(words: Mapping[str, Callable[[str], bool]]) -> Check | None:
    """Check codes and URIs: a look for spaces and control characters costs a fraction of a regular expression."""
    if not words:
        return None
    values = _getter(list(words))

    def check(self: Struct) -> None:
        for word in values(self):
            if word is not UNSET and (" " in word or not word.isprintable()):
                break
        else:
            return
        for name, is_valid in words.items():
            word = getattr(self, name)
            if word is not UNSET and not is_valid(word):
                raise ValueError(name)

    return check


def _numbers(shape: Shape, max_length: int) -> Check | None:
    names = [each.name for each in shape.properties.values() if each.type == "decimal"]
    if not names:
        return None
    if any(shape.properties[name].is_list for name in names):
        return _number_lists(names, max_length)
    values = _getter(names)

    def check(self: Struct) -> None:
        for raw in values(self):
            if raw is not UNSET and not _is_number(bytes(raw), max_length):
                raise ValueError(names)

    return check


def _number_lists(names: list[str], max_length: int) -> Check:
    """Check arrays of numbers and put None where `Raw` holds a null, as the arrays of other types do."""

    def check(self: Struct) -> None:
        for name in names:
            given = getattr(self, name)
            if given is UNSET:
                continue
            texts = [bytes(raw) for raw in given]
            if not all(text == b"null" or _is_number(text, max_length) for text in texts):
                raise ValueError(name)
            force_setattr(
                self, name, [None if text == b"null" else raw for raw, text in zip(given, texts, strict=True)]
            )

    return check


def _is_number(text: bytes, max_length: int) -> bool:
    """Tell whether `text`, which is a JSON value, is a number that is not too long."""
    return text[0] in _NUMBER_START and len(text) <= max_length


def _base64(name: str) -> Check:
    value = attrgetter(name)

    def check(self: Struct) -> None:
        text = value(self)
        if text is not UNSET and not is_base64(text):
            raise ValueError(name)

    return check


def _resource(name: str, decode_resource: Callable[[Raw], Struct]) -> Check:
    value = attrgetter(name)

    def check(self: Struct) -> None:
        found = value(self)
        if isinstance(found, list):
            force_setattr(self, name, [decode_resource(text) for text in found])
        elif found is not UNSET:
            force_setattr(self, name, decode_resource(found))

    return check


def _getter(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a function that returns the values of the fields `names` as a tuple, also where it is one."""
    if len(names) > 1:
        return attrgetter(*names)
    get = attrgetter(names[0])
    return lambda self: (get(self),)
