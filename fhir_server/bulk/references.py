"""References between the entries of one Bundle, rewritten in the text of a resource.

Only the strings themselves are replaced; every other byte stays. Replaced are `reference` and the elements of
type url and uri named `url`, `valueUrl` and `valueUri`; links in narrative and identifiers are not.
https://hl7.org/fhir/R4/bundle.html#references and https://hl7.org/fhir/R4/http.html#trules
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

# Within a JSON string every quote has a backslash before it, so that this cannot match inside one.
_TEXT = rb'((?:[^"\\]|\\.)*)"'
_LINK = re.compile(rb'"reference"\s*:\s*"' + _TEXT + rb'|"(?:url|valueUrl|valueUri)"\s*:\s*"(?=urn:)' + _TEXT)
_URN = ("urn:uuid:", "urn:oid:")
_CONDITIONAL = re.compile(r"[A-Z][A-Za-z]+\?")
_RELATIVE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}\Z")
_BASE = re.compile(r"(https?://.*/)[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The text of a resource after rewriting, and the references in it that lead nowhere yet."""

    data: bytes
    unresolved: int
    conditional: int


def rewrite(data: bytes, targets: Mapping[str, str], *, full_url: str | None = None) -> Rewritten:
    """Return the resource `data` with its references to the entries of its Bundle as `Type/id`.

    `targets` maps the fullUrl of every entry to its `Type/id`. A relative reference is looked up in the base
    of `full_url`, the entry's own, as R4 resolves it.
    """
    rewriting = _Rewriting(data, targets, _base(full_url))
    text = _LINK.sub(rewriting.replace, data)
    return Rewritten(text, rewriting.unresolved, rewriting.conditional)


@dataclass(slots=True)
class _Rewriting:
    data: bytes
    targets: Mapping[str, str]
    base: str
    unresolved: int = 0
    conditional: int = 0

    def replace(self, found: re.Match[bytes]) -> bytes:
        raw, link = found[1], found[2]
        target = self._of_link(_string(link)) if raw is None else self._of_reference(_string(raw))
        if target is None:
            return found[0]
        before = len(found[0]) - len(link if raw is None else raw) - 1
        return found[0][:before] + target.encode() + b'"'

    def _of_reference(self, value: str) -> str | None:
        target = self.targets.get(value)
        if target is None and self.base and _RELATIVE.match(value):
            target = self.targets.get(self.base + value)
        if target is None:
            self.unresolved += value.startswith(_URN)
            self.conditional += _CONDITIONAL.match(value) is not None
        return target

    def _of_link(self, value: str) -> str | None:
        target = self.targets.get(value)
        # The canonical URL that a resource has itself names it and is no link.
        return target if target is not None and value != _own_url(self.data) else None


class _OwnUrl(msgspec.Struct):
    url: msgspec.Raw = msgspec.Raw(b"")


_own_url_decoder = msgspec.json.Decoder(_OwnUrl)


def _own_url(data: bytes) -> str:
    raw = bytes(_own_url_decoder.decode(data).url)
    return _string(raw[1:-1])


def _base(full_url: str | None) -> str:
    found = _BASE.match(full_url or "")
    return found[1] if found else ""


def _string(text: bytes) -> str:
    if b"\\" not in text:
        return text.decode(errors="replace")
    try:
        return msgspec.json.decode(b'"' + text + b'"', type=str)
    except msgspec.DecodeError:
        return ""
