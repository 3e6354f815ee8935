"""The rules of the primitive types, as annotations for the typed decode and as predicates.

https://hl7.org/fhir/R4/datatypes.html#primitive
"""

import re
from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Meta, Raw

from fhir_server.definitions.model import TypeDefinition

MAX_NUMBER_LENGTH = 200

# XML schema's \s holds four characters; Python's holds every space of Unicode.
_SPACE = r" \t\n\r"

_YEAR = r"(?!0000)[0-9]{4}"
_MONTH = r"-(?:0[1-9]|1[0-2])"
_LEAP_YEAR = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DAY = (
    r"-(?:0[1-9]|[12][0-9]|3[01])(?<!-02-3[01])(?<!-0[469]-31)(?<!-11-31)"
    rf"(?:(?<!-02-29)|(?<={_LEAP_YEAR}-02-29))"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

# The definitions' own expressions allow 30 February. These allow only days of the calendar, and nothing that the
# definitions forbid.
_CALENDAR = {
    "date": rf"{_YEAR}(?:{_MONTH}(?:{_DAY})?)?",
    "dateTime": rf"{_YEAR}(?:{_MONTH}(?:{_DAY}(?:T{_TIME}{_ZONE})?)?)?",
    "instant": rf"{_YEAR}{_MONTH}{_DAY}T{_TIME}{_ZONE}",
    "time": _TIME,
}

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
_BASE64_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

INTEGERS = {
    "integer": (-(2**31), 2**31 - 1),
    "positiveInt": (1, 2**31 - 1),
    "unsignedInt": (0, 2**31 - 1),
}
"""The least and greatest value of the integer types."""


WORDS = frozenset({"code", "uri", "url", "canonical"})
"""Types whose values hardly ever hold white space."""

ANY_TEXT = Annotated[str, Meta(min_length=1, max_length=2**20)]


def text_pattern(definition: TypeDefinition) -> str | None:
    """Return the anchored Python expression for a primitive that is a JSON string, or None where any text will do.

    No expression matches the empty string, which JSON must not hold. base64Binary has a predicate of its own.
    """
    if definition.name in _CALENDAR:
        return rf"\A{_CALENDAR[definition.name]}\Z"
    if definition.pattern is None or definition.name in ("string", "markdown", "base64Binary"):
        return None
    pattern = definition.pattern.replace(r"[^\s]", f"[^{_SPACE}]").replace(r"\S*", rf"[^{_SPACE}]+")
    pattern = pattern.replace(r"\s", f"[{_SPACE}]").replace("(", "(?:")
    return rf"\A(?:{pattern})\Z" if "|" in pattern else rf"\A{pattern}\Z"


def max_length(definition: TypeDefinition, type_of: Callable[[str], TypeDefinition]) -> int | None:
    """Return how many characters a text may have, by its type or a type that it specialises."""
    if definition.max_length is None and definition.base:
        return max_length(type_of(definition.base), type_of)
    return definition.max_length


def annotation(definition: TypeDefinition, longest: int | None) -> Any:
    """Return the type that the decoder checks a primitive's JSON value against.

    A decimal is `Raw`: only its text keeps `1.50` and `1e2` apart from `1.5` and `100`. That it is a number is
    checked by `is_number_text`.
    """
    if definition.name == "boolean":
        return bool
    if definition.name == "decimal":
        return Raw
    if definition.name in INTEGERS:
        least, greatest = INTEGERS[definition.name]
        return Annotated[int, Meta(ge=least, le=greatest)]
    return Annotated[str, Meta(pattern=text_pattern(definition), min_length=1, max_length=longest)]


def is_base64(text: str) -> bool:
    """Tell whether `text` is base64: groups of four characters, padded at the end, white space between groups.

    https://www.rfc-editor.org/rfc/rfc4648#section-4
    """
    groups = text.split()
    if len(groups) != 1:
        return bool(groups) and all(len(each) % 4 == 0 for each in groups) and is_base64("".join(groups))
    if not text.isascii():
        return False
    letters = groups[0].encode()
    padding = letters.translate(None, _BASE64_LETTERS)
    return len(letters) % 4 == 0 and padding in (b"", b"=", b"==") and letters.endswith(padding)


def is_number(text: str) -> bool:
    """Tell whether `text` is a number as JSON and FHIR's decimal write it."""
    return _NUMBER.match(text) is not None


def text_check(definition: TypeDefinition) -> Callable[[str], bool]:
    """Return the predicate over the text of a primitive that is a JSON string."""
    if definition.name == "base64Binary":
        return is_base64
    pattern = text_pattern(definition)
    if pattern is None:
        return bool
    match = re.compile(pattern).match
    return lambda text: match(text) is not None
