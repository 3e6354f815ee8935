"""Opening a Bundle: which of its entries are stored, under which ids, and how they refer to each other.

collection, batch, transaction    each resource by itself
searchset                         the same, but for what the search tells about itself
history                           of each resource the newest version, none where that is a deletion
document, message, any other      not opened: the Bundle is stored as the one resource that it is

A batch or transaction is not carried out: its resources are stored one by one, and an entry that asks for
something else than storing is refused. A resource keeps the id that it carries, also where a POST brings it,
as Synthea's do, so that loading it again changes nothing. One without an id gets a new one each time.
https://hl7.org/fhir/R4/bundle.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec
from msgspec import UNSET, UnsetType

from fhir_server.bulk.references import rewrite
from fhir_server.core.errors import FhirError, Invalid, NotSupported
from fhir_server.core.ids import is_id, new_id
from fhir_server.core.outcome import IssueType

_OPENED = frozenset({"collection", "batch", "transaction", "searchset", "history"})
_CARRIED_OUT = frozenset({"batch", "transaction"})


class _Request(msgspec.Struct):
    method: str = ""
    url: str = ""
    ifNoneExist: str | UnsetType = UNSET  # noqa: N815 - FHIR's name


class _Search(msgspec.Struct):
    mode: str = ""


class _Entry(msgspec.Struct):
    fullUrl: str | UnsetType = UNSET  # noqa: N815 - FHIR's name
    resource: msgspec.Raw | UnsetType = UNSET
    request: _Request | UnsetType = UNSET
    search: _Search | UnsetType = UNSET


class _Head(msgspec.Struct):
    resourceType: str  # noqa: N815 - FHIR's name
    id: str | UnsetType = UNSET


class _Bundle(msgspec.Struct):
    type: str = ""
    entry: list[_Entry] = msgspec.field(default_factory=list)


_head = msgspec.json.Decoder(_Head)
_bundle = msgspec.json.Decoder(_Bundle)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource to be stored under `id`, which was `made` here where the resource carries none.

    `type` is empty where it cannot be told; `share` is the part of the Bundle that is done with it, 0 to 1.
    """

    locator: str
    type: str
    id: str
    made: bool
    data: bytes
    unresolved: int = 0
    conditional: int = 0
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that is refused before its resource is looked at."""

    locator: str
    error: FhirError


@dataclass(frozen=True, slots=True)
class _Chosen:
    """An entry whose resource is to be stored, as `Candidate` describes it."""

    index: int
    entry: _Entry
    data: bytes
    type: str
    id: str
    made: bool


def candidates(locator: str, data: bytes) -> Iterator[Candidate | Rejected]:
    """Yield what the resource or Bundle `data` holds, in its order.

    What cannot be read is yielded as a resource of unknown type, for validation to explain.
    """
    head = peek(data)
    bundle = _open(data) if head is not None and head.resourceType == "Bundle" else None
    if bundle is not None and bundle.type in _OPENED:
        yield from _entries(locator, bundle)
        return
    if head is None:
        yield Candidate(locator, "", "", made=True, data=data)
        return
    found = rewrite(data, {})
    yield Candidate(
        locator,
        head.resourceType,
        head.id or new_id(),
        made=not head.id,
        data=data,
        # A Bundle that stays whole resolves its references itself.
        unresolved=0 if bundle else found.unresolved,
        conditional=found.conditional,
    )


def peek(data: bytes | msgspec.Raw) -> _Head | None:
    """Return type and id of the resource `data`, or None where they cannot be told."""
    try:
        return _head.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _open(data: bytes) -> _Bundle | None:
    try:
        return _bundle.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _entries(locator: str, bundle: _Bundle) -> Iterator[Candidate | Rejected]:
    entries = list(enumerate(bundle.entry))
    found: list[_Chosen | Rejected] = []
    for index, entry in _newest(entries) if bundle.type == "history" else entries:
        place = f"Bundle.entry[{index}]"
        try:
            chosen = _choose(index, entry, carried_out=bundle.type in _CARRIED_OUT)
        except FhirError as error:
            found.append(Rejected(f"{locator}, {place}" if locator else place, error))
        else:
            found.extend([chosen] if chosen else [])
    targets = {
        chosen.entry.fullUrl: f"{chosen.type}/{chosen.id}"
        for chosen in found
        if isinstance(chosen, _Chosen) and chosen.entry.fullUrl and chosen.type
    }
    for each in found:
        yield each if isinstance(each, Rejected) else _candidate(locator, each, targets, count=len(entries))


def _candidate(locator: str, chosen: _Chosen, targets: dict[str, str], *, count: int) -> Candidate:
    found = rewrite(chosen.data, targets, full_url=chosen.entry.fullUrl or None)
    place = f"Bundle.entry[{chosen.index}]"
    return Candidate(
        locator=f"{locator}, {place}" if locator else place,
        type=chosen.type,
        id=chosen.id,
        made=chosen.made,
        data=found.data,
        unresolved=found.unresolved,
        conditional=found.conditional,
        share=(chosen.index + 1) / count,
    )


def _newest(entries: Sequence[tuple[int, _Entry]]) -> Iterator[tuple[int, _Entry]]:
    """Yield the first entry of each resource: a history has the newest version first."""
    seen: set[str] = set()
    for index, entry in entries:
        head = None if entry.resource is UNSET else peek(entry.resource)
        url = entry.request.url if entry.request else ""
        key = f"{head.resourceType}/{head.id or ''}" if head else url
        if key in seen:
            continue
        seen.add(key)
        if entry.resource is not UNSET:
            yield index, entry


def _choose(index: int, entry: _Entry, *, carried_out: bool) -> _Chosen | None:
    """Return how the resource of an entry is stored, or None where it has none to store.

    Raises a FhirError where the entry asks for something that loading does not do.
    """
    if carried_out and entry.request and entry.request.method not in ("POST", "PUT"):
        raise NotSupported(
            "Loading stores resources (POST and PUT); it does not read, change by patch or delete.",
            expression=(f"Bundle.entry[{index}].request.method",),
        )
    if entry.resource is UNSET or (entry.search and entry.search.mode == "outcome"):
        return None
    data = bytes(entry.resource)
    head = peek(data)
    if head is None:
        return _Chosen(index, entry, data, "", "", made=True)
    try:
        given = _requested_id(head, entry.request) if carried_out and entry.request else head.id
    except FhirError as error:
        issues = [replace(issue, expression=(f"Bundle.entry[{index}].request",)) for issue in error.issues]
        raise type(error)(str(error), issues=issues) from error
    return _Chosen(index, entry, data, head.resourceType, given or new_id(), made=not given)


def _requested_id(head: _Head, request: _Request) -> str | None:
    """Return the id under which a batch or transaction asks to store a resource, None to have one made."""
    path, _, query = request.url.partition("?")
    names = path.strip("/").split("/")
    if "://" in path:
        names = names[-2:] if request.method == "PUT" else names[-1:]
    if names[0] != head.resourceType or len(names) > 2 or (request.method == "POST" and len(names) > 1):
        raise Invalid("The entry's request names another type than its resource has, or no type.")
    if head.id:
        if len(names) == 2 and names[1] != head.id:
            raise Invalid("The entry's request names another id than its resource has.", code=IssueType.VALUE)
        return head.id
    if query or request.ifNoneExist:
        raise NotSupported(
            "A conditional create or update searches for what is there, which loading does not do; "
            "give the resource an id."
        )
    if request.method == "PUT" and (len(names) < 2 or not is_id(names[1])):
        raise Invalid("The entry's request asks for an update and names no id.", code=IssueType.VALUE)
    return names[1] if len(names) == 2 else None
