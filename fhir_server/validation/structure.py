"""Structural validation: a typed decode that accepts quickly, and a thorough walk that explains a refusal.

https://hl7.org/fhir/R4/validation.html (the aspects "structure", "cardinality" and "value domains")
"""

import re

import msgspec
from msgspec import UNSET, Struct

from fhir_server.core.errors import Invalid
from fhir_server.core.json import canonical, join_members, members
from fhir_server.core.outcome import Issue, IssueType, Severity
from fhir_server.definitions import Definitions
from fhir_server.definitions.checks import resource_type as named_type
from fhir_server.validation.brackets import is_bracketed_well
from fhir_server.validation.parse import parse
from fhir_server.validation.primitive import PrimitiveRules
from fhir_server.validation.walk import walk

MAX_DEPTH = 100

_NO_CONTENT = ("resourceType", "id", "meta")

_encode = msgspec.json.Encoder().encode
_MEMBER = re.compile(rb'(?<!\\)(?:\\\\)*":')
_NEGATIVE_ZERO = re.compile(rb"[:\[,]-0[,\]}]")


class Decoded(Struct, frozen=True):
    """A resource whose structure is valid.

    `text` is the input without white space between its tokens, every number as it was written. `canonical` is JSON
    text of the content without `resourceType`, `id` and `meta`: equal for two texts of equal content, whatever the
    order of their names and their escapes; numbers are equal where their texts are.
    """

    resource_type: str
    resource: Struct
    text: bytes
    canonical: bytes


class StructuralValidator:
    """Decodes resources and refuses those whose structure breaks the definitions.

    Bindings, invariants and profiles are not looked at. `max_depth` is how deep arrays and objects may nest.
    """

    def __init__(self, definitions: Definitions, *, max_depth: int = MAX_DEPTH) -> None:
        self._definitions = definitions
        self._rules = PrimitiveRules(definitions)
        self._max_depth = max_depth

    def decode(self, data: bytes, resource_type: str | None = None) -> Decoded:
        """Return the resource in the JSON text `data`; where `resource_type` is given it must be of that type.

        Raises `Invalid` with every structural issue of the resource, or with one issue that tells line and column
        where `data` is not JSON.
        """
        try:
            decoded = self._accept(data, resource_type)
        except (ValueError, KeyError, RecursionError):
            decoded = None
        if decoded is not None:
            return decoded
        raise Invalid("The resource's structure is not valid", issues=self.issues(data, resource_type) or _UNEXPLAINED)

    def issues(self, data: bytes, resource_type: str | None = None) -> list[Issue]:
        """Return every structural issue of the resource in `data`: none where its structure is valid."""
        try:
            content = parse(data, max_depth=self._max_depth)
            return walk(content, self._definitions, self._rules, resource_type)
        except Invalid as refused:
            return list(refused.issues)
        except RecursionError:
            return [_TOO_DEEP]

    def _accept(self, data: bytes, resource_type: str | None) -> Decoded | None:
        """Return the decoded resource, or None (or raise) where something is wrong with it."""
        if not is_bracketed_well(data, self._max_depth):
            return None
        name = named_type(data)
        if resource_type is not None and name != resource_type:
            return None
        resource = self._definitions.decoder(name).decode(data)
        encoded = _encode(resource)
        text = data if len(encoded) == len(data) else msgspec.json.format(data, indent=-1)
        if len(encoded) != len(text) and _is_doubtful(text, encoded):
            if self.issues(text, resource_type):
                return None
            if canonical(text) != canonical(encoded):
                return Decoded(name, resource, text, _exact_canonical(text))
        return Decoded(name, resource, text, b"{" + (encoded[_head_length(resource, name) :] or b"}"))


_UNEXPLAINED = [Issue(Severity.ERROR, IssueType.STRUCTURE, "The resource's structure is not valid")]
_TOO_DEEP = Issue(Severity.ERROR, IssueType.STRUCTURE, "The body nests arrays and objects too deep")


def _is_doubtful(text: bytes, encoded: bytes) -> bool:
    """Tell whether the decoder may have overlooked something, where `encoded` is not as long as `text`.

    The decoder keeps the last of two values of one name, takes `-0` for 0 and a missing resourceType for the
    right one. Escapes make `encoded` shorter too; nothing but a missing resourceType makes it longer.
    """
    return _members(text) != _members(encoded) or _NEGATIVE_ZERO.search(text) is not None


def _members(text: bytes) -> int:
    """Return how many members the objects of the minified JSON `text` have, all together."""
    if b"\\\\" in text:
        return len(_MEMBER.findall(text))
    return text.count(b'":') - text.count(b'\\":')


def _exact_canonical(text: bytes) -> bytes:
    """Return canonical text of a resource that holds an integer written `-0`, which the typed decode takes for 0.

    It begins with `-0` and so never equals a canonical text made by the typed decode.
    """
    content = {name: value for name, value in members(text).items() if name not in _NO_CONTENT}
    return b"-0" + canonical(join_members(content))


def _head_length(resource: Struct, name: str) -> int:
    """Return the length of the encoded text before the first member that is not resourceType, id or meta."""
    length = len(name) + 19
    if (logical_id := resource.id) is not UNSET:  # type: ignore[attr-defined]
        length += len(logical_id) + 8
    if (meta := resource.meta) is not UNSET:  # type: ignore[attr-defined]
        length += len(_encode(meta)) + 8
    return length
