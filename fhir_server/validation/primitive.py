"""The rules of the primitive types, with the reason why a value breaks one.

https://hl7.org/fhir/R4/datatypes.html#primitive
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fhir_server.core.outcome import IssueType
from fhir_server.definitions import Definitions
from fhir_server.definitions.primitives import INTEGERS, is_number, max_length, text_check
from fhir_server.validation.parse import Number


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value is refused."""

    code: IssueType
    reason: str


@dataclass(frozen=True, slots=True)
class PrimitiveRule:
    """What JSON value a primitive takes (`kind`, in words), and what is wrong with a value of that kind."""

    kind: str
    is_kind: Callable[[Any], bool]
    fault: Callable[[Any], Fault | None]


class PrimitiveRules:
    """The rules by the names of the primitive types."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._rules: dict[str, PrimitiveRule] = {}

    def of(self, name: str) -> PrimitiveRule:
        """Return the rule of the primitive type `name`."""
        if name not in self._rules:
            self._rules[name] = self._make(name)
        return self._rules[name]

    def _make(self, name: str) -> PrimitiveRule:
        longest = self._definitions.max_number_length
        if name == "boolean":
            return PrimitiveRule("a boolean", lambda value: isinstance(value, bool), lambda value: None)
        if name == "decimal":
            return PrimitiveRule("a number", _is_number, lambda value: _decimal_fault(value, longest))
        if name in INTEGERS:
            return PrimitiveRule("a number", _is_number, lambda value: _integer_fault(value, name))
        definition = self._definitions.type(name)
        check = text_check(definition)
        length = max_length(definition, self._definitions.type)
        return PrimitiveRule("a string", _is_text, lambda value: _text_fault(value, name, check, length))


def _is_number(value: Any) -> bool:
    return isinstance(value, Number)


def _is_text(value: Any) -> bool:
    return type(value) is str


def _decimal_fault(text: str, longest: int) -> Fault | None:
    if len(text) > longest:
        return Fault(IssueType.TOO_LONG, f"has more than {longest} characters, too many for a number")
    return None if is_number(text) else Fault(IssueType.VALUE, "is not a valid decimal")


def _integer_fault(text: str, name: str) -> Fault | None:
    least, greatest = INTEGERS[name]
    digits = text.removeprefix("-")
    # int() is not tried on more digits than the greatest value has: it would take long for very many.
    if not digits.isdecimal() or len(digits) > 10 or (text == "-0" and least >= 0):
        return Fault(IssueType.VALUE, f"is not a valid {name}")
    if not least <= int(text) <= greatest:
        return Fault(IssueType.VALUE, f"is not a valid {name}: it must be from {least} to {greatest}")
    return None


def _text_fault(text: str, name: str, check: Callable[[str], bool], longest: int | None) -> Fault | None:
    if not text:
        return Fault(IssueType.VALUE, "must not be an empty string")
    if longest is not None and len(text) > longest:
        return Fault(IssueType.TOO_LONG, f"has more than {longest} characters")
    if not text.isascii() and not _is_unicode(text):
        return Fault(IssueType.VALUE, "holds half of a surrogate pair, which is no character")
    return None if check(text) else Fault(IssueType.VALUE, f"is not a valid {name}")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
