"""What is checked of an object once it is decoded, where the types of its fields cannot say it.

Each check raises `ValueError`, which the decoder turns into its own error; it need not explain, because a refused
resource is walked again for that.
"""

import re
from collections.abc import Callable, Mapping
from functools import reduce
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
# No JSON value begins with a character between the minus sign and the digits.
_FIRST_OF_NUMBERS, _LAST_OF_NUMBERS = b"-9"


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
    numbers = [each for each in shape.properties.values() if each.type == "decimal"]
    lists = [each.name for each in numbers if each.is_list]
    found = [
        _number_lists(lists, max_number_length) if lists else None,
        _values(words, [each.name for each in numbers if not each.is_list], max_number_length),
        presence_check(shape, fields),
        *(_base64(each.name) for each in shape.properties.values() if each.type == "base64Binary"),
        *(_resource(each.name, decode_resource) for each in shape.properties.values() if each.type == RESOURCE),
    ]
    return reduce(_both, [check for check in found if check], None)


def _both(first: Check | None, second: Check) -> Check:
    if first is None:
        return second

    def check(self: Struct) -> None:
        first(self)
        second(self)

    return check


def _values(words: Mapping[str, Callable[[str], bool]], numbers: list[str], max_length: int) -> Check | None:
    """Check codes, URIs and numbers.

    A look for spaces and control characters costs a fraction of a regular expression, and so does a look at the first
    character of a number, whose form the decoder has checked.
    """
    if not words and not numbers:
        return None
    words_of, numbers_of = _getter(list(words)), _getter(numbers)

    def check(self: Struct) -> None:
        for word in words_of(self):
            if word is not UNSET and (" " in word or not word.isprintable()):
                _check_words(self, words)
                break
        for raw in numbers_of(self):
            if raw is not UNSET and not _is_number(bytes(raw), max_length):
                raise ValueError(numbers)

    def check_words(self: Struct) -> None:
        for word in words_of(self):
            if word is not UNSET and (" " in word or not word.isprintable()):
                _check_words(self, words)
                break

    return check if numbers else check_words


def _check_words(self: Struct, words: Mapping[str, Callable[[str], bool]]) -> None:
    for name, is_valid in words.items():
        word = getattr(self, name)
        if word is not UNSET and not is_valid(word):
            raise ValueError(name)


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
    return _FIRST_OF_NUMBERS <= text[0] <= _LAST_OF_NUMBERS and len(text) <= max_length


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
    """Return a function that returns the values of the fields `names` as a tuple, whatever their number."""
    if len(names) > 1:
        return attrgetter(*names)
    if not names:
        return lambda self: ()
    get = attrgetter(names[0])
    return lambda self: (get(self),)
