"""From a validated resource to the parts that are stored.

https://hl7.org/fhir/R4/http.html#create and https://hl7.org/fhir/R4/resource.html#Meta
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from fhir_server.core.errors import Invalid
from fhir_server.core.json import canonical, items, join_items, join_members, members
from fhir_server.core.outcome import IssueType
from fhir_server.crypto.digest import content_digest
from fhir_server.storage.codec import Codec, pack
from fhir_server.validation.structure import Decoded

SUBSETTED = "SUBSETTED"
_SUBSETTED_SYSTEMS = frozenset(
    {
        "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
        "http://hl7.org/fhir/v3/ObservationValue",
    }
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_REMEMBERED_LENGTH = 512
_SET_BY_THE_SERVER = ("versionId", "lastUpdated")


class Content(msgspec.Struct, frozen=True):
    """A resource ready to be stored under any id: texts as `storage.version.StoredVersion` describes them.

    `id` is the id that the body gave, or None. `tags` and `security` hold `system|code`, `profiles`
    canonical URLs; each without repetition. `digest` covers everything but resourceType, id and meta,
    `meta_digest` covers `meta`; equal digests mean equal values, whatever the order of names.
    """

    type: str
    id: str | None
    meta: bytes | None
    body: bytes
    tags: tuple[str, ...]
    security: tuple[str, ...]
    profiles: tuple[str, ...]
    digest: bytes
    meta_digest: bytes | None
    codec: int = Codec.PLAIN


@dataclass(frozen=True, slots=True)
class _Meta:
    text: bytes | None = None
    canonical: bytes | None = None
    tags: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()


class _Coding(msgspec.Struct):
    system: str = ""
    code: str = ""

    @property
    def key(self) -> str:
        return f"{self.system}|{self.code}"


_coding = msgspec.json.Decoder(_Coding)
_string = msgspec.json.Decoder(str)


def content_of(decoded: Decoded, *, digest_key: bytes) -> Content:
    """Return what is stored of a structurally valid resource.

    Raises Invalid where the resource is tagged SUBSETTED: it is a part, and storing it would lose the rest; and
    where a tag, security label or profile holds control characters, which no code or URI does.
    """
    parts = members(decoded.text)
    del parts["resourceType"]
    raw_id = parts.pop("id", None)
    raw_meta = parts.pop("meta", None)
    meta = _Meta() if raw_meta is None else _meta_of(decoded.resource_type, bytes(raw_meta))
    body, codec = pack(join_members(parts))
    return Content(
        type=decoded.resource_type,
        id=None if raw_id is None else _string.decode(raw_id),
        meta=meta.text,
        body=body,
        tags=meta.tags,
        security=meta.security,
        profiles=meta.profiles,
        digest=content_digest(decoded.canonical, key=digest_key),
        meta_digest=None if meta.canonical is None else content_digest(meta.canonical, key=digest_key),
        codec=codec,
    )


def _meta_of(resource_type: str, text: bytes) -> _Meta:
    """Return the parts of `meta`; most resources of a client come with one of a few, which are remembered."""
    if len(text) > _REMEMBERED_LENGTH or b'"lastUpdated"' in text:
        return _split_meta(resource_type, text)
    return _remembered_meta(resource_type, text)


def _split_meta(resource_type: str, text: bytes) -> _Meta:
    parts = members(text)
    for name in _SET_BY_THE_SERVER:
        parts.pop(name, None)
        parts.pop("_" + name, None)
    tags = _distinct_codings(parts, "tag")
    if any(tag.code == SUBSETTED and tag.system in _SUBSETTED_SYSTEMS for tag in tags):
        raise Invalid(
            "A resource tagged SUBSETTED holds only a part of its elements and cannot be stored. "
            "Read it without _summary and _elements, or remove the tag if the resource is whole.",
            code=IssueType.BUSINESS_RULE,
            expression=(f"{resource_type}.meta.tag",),
        )
    security = _distinct_codings(parts, "security")
    profiles = _distinct_profiles(parts)
    kept = join_members(parts) if parts else None
    meta = _Meta(
        tags=tuple(tag.key for tag in tags),
        security=tuple(label.key for label in security),
        profiles=profiles,
        text=kept,
        canonical=None if kept is None else canonical(kept),
    )
    for name, values in (("tag", meta.tags), ("security", meta.security), ("profile", meta.profiles)):
        if any(map(_CONTROL.search, values)):
            raise Invalid(
                f"A {name} of the resource holds a control character.",
                code=IssueType.VALUE,
                expression=(f"{resource_type}.meta.{name}",),
            )
    return meta


_remembered_meta = lru_cache(maxsize=512)(_split_meta)


def _distinct_codings(parts: dict[str, msgspec.Raw], name: str) -> list[_Coding]:
    """Drop codings that repeat a system and code, in `parts` too; a coding without a code is kept as it is."""
    if name not in parts:
        return []
    kept: list[msgspec.Raw] = []
    found: dict[tuple[str, str], _Coding] = {}
    for raw in items(parts[name]):
        coding = _coding.decode(raw)
        if not coding.code:
            kept.append(raw)
        elif (coding.system, coding.code) not in found:
            found[coding.system, coding.code] = coding
            kept.append(raw)
    parts[name] = msgspec.Raw(join_items(kept))
    return list(found.values())


def _distinct_profiles(parts: dict[str, msgspec.Raw]) -> tuple[str, ...]:
    """Drop repeated profiles, unless a profile has an extension and so a counterpart to stay in step with."""
    if "profile" not in parts:
        return ()
    distinct: dict[str, msgspec.Raw] = {}
    for raw in items(parts["profile"]):
        if bytes(raw) != b"null":
            distinct.setdefault(_string.decode(raw), raw)
    if "_profile" not in parts:
        parts["profile"] = msgspec.Raw(join_items(list(distinct.values())))
    return tuple(distinct)
