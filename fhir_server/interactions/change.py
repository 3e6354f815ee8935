"""What a write asks for, and the decision what it does to the present version.

https://hl7.org/fhir/R4/http.html#update, #delete and #concurrency
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from fhir_server.core.errors import Conflict, FhirError, Invalid, MethodNotAllowed, PreconditionFailed
from fhir_server.core.instant import to_millisecond
from fhir_server.core.outcome import IssueType
from fhir_server.interactions.content import Content
from fhir_server.storage.write import Head

ANY_VERSION = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Precondition:
    """The versions on which a change insists: those of `If-Match` and `If-None-Match`, or None.

    `ANY_VERSION` stands for `*`: with If-Match the resource must be there, with If-None-Match it must not.
    """

    if_match: frozenset[str] | None = None
    if_none_match: frozenset[str] | None = None


NO_PRECONDITION = Precondition()


@dataclass(frozen=True, slots=True)
class Given:
    """A version number and time that the change brings along, as a restore or a history Bundle does.

    Both must follow those of the version before. The time is kept to the millisecond. The settings about what
    clients may write do not concern such a change.
    """

    version: int
    last_updated: datetime


class Change(msgspec.Struct, frozen=True):
    """One resource to create (POST), update (PUT) or delete (DELETE).

    A deletion has no `content`. `new` promises that the id was made by this server just now, so that
    nothing is looked up for it.
    """

    method: str
    type: str
    id: str
    content: Content | None
    precondition: Precondition = NO_PRECONDITION
    given: Given | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class WriteRules:
    """The settings that decide about writes: see `docs/settings.md`."""

    update_create: bool = True
    versioned_update: frozenset[str] = frozenset()

    def requires_if_match(self, resource_type: str) -> bool:
        """Tell whether updates of this type must name the version they replace (`versioned-update`)."""
        return resource_type in self.versioned_update or "*" in self.versioned_update


class Effect(StrEnum):
    """What a change does."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    ABSENT = "absent"


class Decision(msgspec.Struct, frozen=True):
    """The effect of a change and the number of the version it makes; the present number where it makes none."""

    effect: Effect
    version: int

    @property
    def makes_version(self) -> bool:
        """Tell whether a version is written."""
        return self.effect in (Effect.CREATED, Effect.UPDATED, Effect.DELETED)

    @property
    def status(self) -> int:
        """Return the HTTP status that history tells of this effect."""
        return _STATUS[self.effect]


_STATUS = {
    Effect.CREATED: 201,
    Effect.UPDATED: 200,
    Effect.UNCHANGED: 200,
    Effect.DELETED: 204,
    Effect.ABSENT: 204,
}


def decide(change: Change, head: Head | None, rules: WriteRules) -> Decision:
    """Return what `change` does to the resource whose present version is `head`.

    Raises PreconditionFailed, Conflict, Invalid or MethodNotAllowed where it must not be done.
    """
    _check_precondition(change, head)
    if change.content is None:
        return _decide_deletion(change, head)
    if head is None or head.deleted:
        if head is None and change.method == "PUT" and not rules.update_create and change.given is None:
            raise MethodNotAllowed(
                f"{change.type}/{change.id} does not exist, and this server lets no client choose an id. "
                f"Create it with POST {change.type}.",
                allowed=(),
            )
        return Decision(Effect.CREATED, _next_version(change, head))
    if change.given is None and change.precondition.if_match is None and rules.requires_if_match(change.type):
        raise Invalid(
            f"Updates of {change.type} must name the version they replace in an If-Match header.",
            code=IssueType.REQUIRED,
        )
    same = change.content.digest == head.digest and change.content.meta_digest == head.meta_digest
    if same and change.given is None:
        return Decision(Effect.UNCHANGED, head.version)
    return Decision(Effect.UPDATED, _next_version(change, head))


def _decide_deletion(change: Change, head: Head | None) -> Decision:
    if head is None:
        return Decision(Effect.ABSENT, 0)
    if head.deleted and change.given is None:
        return Decision(Effect.ABSENT, head.version)
    return Decision(Effect.DELETED, _next_version(change, head))


def _next_version(change: Change, head: Head | None) -> int:
    present = 0 if head is None else head.version
    given = change.given
    if given is None:
        return present + 1
    if given.version <= present:
        raise Conflict(
            f"{change.type}/{change.id} already has version {present}; version {given.version} cannot follow it."
        )
    if head is not None and to_millisecond(given.last_updated) <= head.last_updated:
        raise Conflict(
            f"{change.type}/{change.id} has version {present} of the time at which version {given.version} shall be, "
            "or of a later one; times must increase from version to version."
        )
    return given.version


def _check_precondition(change: Change, head: Head | None) -> None:
    wanted = change.precondition
    here = head is not None and not head.deleted
    present = None if head is None else str(head.version)
    if wanted.if_match == ANY_VERSION:
        if not here:
            raise _failed(change, "does not exist, and If-Match asks that it does")
    elif wanted.if_match is not None and present not in wanted.if_match:
        raise _failed(change, "is not at the version that If-Match names")
    if not here or wanted.if_none_match is None:
        return
    if wanted.if_none_match == ANY_VERSION:
        raise _failed(change, "exists, and If-None-Match asks that it does not")
    if present in wanted.if_none_match:
        raise _failed(change, "is at a version that If-None-Match rules out")


def _failed(change: Change, why: str) -> FhirError:
    return PreconditionFailed(f"{change.type}/{change.id} {why}.")


def rounds(changes: Sequence[Change]) -> list[list[int]]:
    """Return the indexes of `changes` in rounds in which no resource occurs twice.

    The n-th change of a resource is in the n-th round, so that a set may bring several versions of one
    resource, in their order. Within a round the order is that of (type, id): two writers that lock the same
    resources meet in the same order and cannot deadlock.
    """
    found: list[list[int]] = []
    occurrences: dict[tuple[str, str], int] = {}
    for index, change in enumerate(changes):
        key = (change.type, change.id)
        number = occurrences.get(key, 0)
        occurrences[key] = number + 1
        if number == len(found):
            found.append([])
        found[number].append(index)
    for indexes in found:
        indexes.sort(key=lambda index: (changes[index].type, changes[index].id))
    return found
