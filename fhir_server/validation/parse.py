"""Parses JSON so that every fault can be told: names given twice are kept, numbers are text.

https://www.rfc-editor.org/rfc/rfc8259
"""

import json
import re
from typing import Any, NoReturn

from fhir_server.core.errors import Invalid
from fhir_server.core.outcome import IssueType
from fhir_server.validation.brackets import nests_deeper


class Number(str):
    """The text of a JSON number."""

    __slots__ = ()


class Members(tuple[tuple[str, Any], ...]):
    """The members of a JSON object in their order; a name may come more than once."""

    __slots__ = ()


def parse(data: bytes, *, max_depth: int) -> Any:
    """Return the JSON value in `data`: objects as `Members`, arrays as lists, numbers as `Number`.

    Raises `Invalid` with one issue where `data` is not UTF-8, not JSON or nests deeper than `max_depth`.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as refused:
        line, column = _position(data, refused.start)
        raise _not_json(f"is not UTF-8 at line {line}, column {column}") from None
    if text.startswith("\ufeff"):
        raise _not_json("starts with a byte order mark, which JSON does not allow (line 1, column 1)")
    if nests_deeper(data, max_depth):
        raise _not_json(f"nests arrays and objects deeper than {max_depth} levels")
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as refused:
        reason = refused.msg.partition(":")[0]
        raise _not_json(f"is not JSON at line {refused.lineno}, column {refused.colno}: {reason}") from None
    except _NoNumber:
        offset = next(found.start() for found in _STRING_OR_NO_NUMBER.finditer(data) if found[0][:1] != b'"')
        line, column = _position(data, offset)
        raise _not_json(f"is not JSON at line {line}, column {column}: NaN and Infinity are no numbers") from None


class _NoNumber(ValueError):
    """A word that Python's parser takes for a number."""


def _refuse_constant(word: str) -> NoReturn:
    raise _NoNumber(word)


_STRING_OR_NO_NUMBER = re.compile(rb'"(?:[^"\\]|\\.)*"|NaN|-?Infinity')


_DECODER = json.JSONDecoder(
    object_pairs_hook=Members, parse_float=Number, parse_int=Number, parse_constant=_refuse_constant
)


def _position(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset]
    line_start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[line_start:].decode()) + 1


def _not_json(reason: str) -> Invalid:
    return Invalid(f"The body {reason}", code=IssueType.STRUCTURE)
