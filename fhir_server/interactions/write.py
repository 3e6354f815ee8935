"""The one way in which a resource changes.

A set of changes is written in one transaction, all or nothing, by a handful of statements whatever its size.
https://hl7.org/fhir/R4/http.html#transaction-integrity
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from fhir_server.core.context import Context
from fhir_server.core.errors import Overloaded
from fhir_server.core.outcome import IssueType
from fhir_server.interactions.change import Change, Decision, decide, rounds
from fhir_server.interactions.services import Services
from fhir_server.storage.codec import Codec
from fhir_server.storage.errors import LostRace, StaleDefinitions
from fhir_server.storage.pools import Connection
from fhir_server.storage.version import StoredVersion
from fhir_server.storage.write import Head, NewVersion, insert_versions, read_heads

_ATTEMPTS = 5


class Result(msgspec.Struct, frozen=True):
    """What a change did. `version` is the present version afterwards, or None where there never was one."""

    decision: Decision
    version: StoredVersion | None


async def write(services: Services, context: Context, changes: Sequence[Change]) -> list[Result]:
    """Apply `changes` in one transaction and return what each did, in their order.

    Raises what `change.decide` raises for the first change that must not be done, Overloaded where other
    requests kept getting in between; then nothing of the set is stored.
    """
    for attempt in range(_ATTEMPTS):
        generation = await services.generation.current()
        alone = len(changes) == 1 and attempt == 0
        try:
            async with services.database.connection() as connection:
                if alone:
                    return await _apply(services, context, connection, changes, generation, lock=False)
                async with connection.transaction():
                    return await _apply(services, context, connection, changes, generation, lock=True)
        except StaleDefinitions:
            services.generation.forget()
        except LostRace:
            continue
    raise Overloaded("Other requests kept changing the same resources; try again shortly.", code=IssueType.LOCK_ERROR)


async def _apply(
    services: Services,
    context: Context,
    connection: Connection,
    changes: Sequence[Change],
    generation: int,
    *,
    lock: bool,
) -> list[Result]:
    results: dict[int, Result] = {}
    for indexes in rounds(changes):
        turn = [changes[index] for index in indexes]
        applied = await _apply_round(services, context, connection, turn, generation, lock=lock)
        results.update(zip(indexes, applied, strict=True))
    return [results[index] for index in range(len(changes))]


async def _apply_round(
    services: Services,
    context: Context,
    connection: Connection,
    changes: Sequence[Change],
    generation: int,
    *,
    lock: bool,
) -> list[Result]:
    keys = [(change.type, change.id) for change in changes if not change.new]
    heads = await read_heads(connection, tenant=context.tenant, keys=keys, lock=lock) if keys else {}
    found = [heads.get((change.type, change.id)) for change in changes]
    decisions = [decide(change, head, services.rules) for change, head in zip(changes, found, strict=True)]
    versions = [
        _new_version(change, head, decision)
        for change, head, decision in zip(changes, found, decisions, strict=True)
        if decision.makes_version
    ]
    written = iter(
        await insert_versions(connection, tenant=context.tenant, generation=generation, versions=versions)
        if versions
        else ()
    )
    results = []
    for change, head, decision in zip(changes, found, decisions, strict=True):
        if decision.makes_version:
            place = next(written)
            stored = _stored(change, decision, rid=place.rid, last_updated=place.last_updated)
        elif head is None:
            stored = None
        else:
            stored = _stored(change, decision, rid=head.rid, last_updated=head.last_updated)
        results.append(Result(decision, stored))
    return results


def _new_version(change: Change, head: Head | None, decision: Decision) -> NewVersion:
    given = None if change.given is None else change.given.last_updated
    content = change.content
    if content is None:
        return NewVersion(
            type=change.type,
            id=change.id,
            version=decision.version,
            method=change.method,
            status=decision.status,
            head=head,
            given=given,
        )
    return NewVersion(
        type=change.type,
        id=change.id,
        version=decision.version,
        method=change.method,
        status=decision.status,
        head=head,
        meta=content.meta,
        body=content.body,
        digest=content.digest,
        meta_digest=content.meta_digest,
        tags=content.tags,
        security=content.security,
        profiles=content.profiles,
        given=given,
        codec=content.codec,
    )


def _stored(change: Change, decision: Decision, *, rid: int, last_updated: datetime) -> StoredVersion:
    content = change.content
    return StoredVersion(
        type=change.type,
        id=change.id,
        version=decision.version,
        last_updated=last_updated,
        method=change.method,
        status=decision.status,
        meta=None if content is None else content.meta,
        body=None if content is None else content.body,
        rid=rid,
        codec=Codec.PLAIN if content is None else content.codec,
    )
