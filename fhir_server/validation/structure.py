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
        return self.accept(data, resource_type) or self._look_closely(data, resource_type)

    def accept(self, data: bytes, resource_type: str | None = None) -> Decoded | None:
        """Return the resource in `data` where it is plain to see that it is valid.

        None says nothing yet: `decode` then looks closely, which takes ten times as long.
        """
        try:
            decoded, encoded = self._decode(data, resource_type)
        except _REFUSALS:
            return None
        return None if _is_doubtful(decoded.text, encoded) else decoded

    def issues(self, data: bytes, resource_type: str | None = None) -> list[Issue]:
        """Return every structural issue of the resource in `data`: none where its structure is valid."""
        try:
            content = parse(data, max_depth=self._max_depth)
            return walk(content, self._definitions, self._rules, resource_type)
        except Invalid as refused:
            return list(refused.issues)
        except RecursionError:
            return [_TOO_DEEP]

    def _look_closely(self, data: bytes, resource_type: str | None) -> Decoded:
        issues = self.issues(data, resource_type)
        try:
            if not issues:
                return _told_apart(*self._decode(data, resource_type))
        except _REFUSALS:
            issues = [_UNEXPLAINED]
        raise Invalid("The resource's structure is not valid", issues=issues)

    def _decode(self, data: bytes, resource_type: str | None) -> tuple[Decoded, bytes]:
        """Return the decoded resource and its text as encoded again. Raises one of `_REFUSALS`."""
        if not is_bracketed_well(data, self._max_depth):
            raise ValueError
        name = named_type(data)
        if resource_type is not None and name != resource_type:
            raise ValueError
        resource = self._definitions.decoder(name).decode(data)
        encoded = _encode(resource)
        text = data if len(encoded) == len(data) else msgspec.json.format(data, indent=-1)
        canonical_text = b"{" + (encoded[_head_length(resource, name) :] or b"}")
        return Decoded(name, resource, text, canonical_text), encoded


_REFUSALS = (ValueError, KeyError, RecursionError)
_UNEXPLAINED = Issue(Severity.ERROR, IssueType.STRUCTURE, "The resource's structure is not valid")
_TOO_DEEP = Issue(Severity.ERROR, IssueType.STRUCTURE, "The body nests arrays and objects too deep")


def _is_doubtful(text: bytes, encoded: bytes) -> bool:
    """Tell whether the decoder may have overlooked something in the minified `text`.

    Where `encoded` is as long nothing was. The decoder keeps the last of two values of one name, takes `-0` for 0
    and a missing resourceType for the right one. Escapes make `encoded` shorter too; nothing but a missing
    resourceType makes it longer.
    """
    if len(text) == len(encoded):
        return False
    return _members(text) != _members(encoded) or _NEGATIVE_ZERO.search(text) is not None


def _members(text: bytes) -> int:
    """Return how many members the objects of the minified JSON `text` have, all together."""
    if b"\\\\" in text:
        return len(_MEMBER.findall(text))
    return text.count(b'":') - text.count(b'\\":')


def _told_apart(decoded: Decoded, encoded: bytes) -> Decoded:
    """Return a resource with the canonical text it needs where an integer is written `-0`, which decodes to 0.

    That text begins with `-0` and so never equals a canonical text made by the typed decode.
    """
    if canonical(decoded.text) == canonical(encoded):
        return decoded
    content = {name: value for name, value in members(decoded.text).items() if name not in _NO_CONTENT}
    return msgspec.structs.replace(decoded, canonical=b"-0" + canonical(join_members(content)))


def _head_length(resource: Struct, name: str) -> int:
    """Return the length of the encoded text before the first member that is not resourceType, id or meta."""
    length = len(name) + 19
    if (logical_id := resource.id) is not UNSET:  # type: ignore[attr-defined]
        length += len(logical_id) + 8
    if (meta := resource.meta) is not UNSET:  # type: ignore[attr-defined]
        length += len(_encode(meta)) + 8
    return length
