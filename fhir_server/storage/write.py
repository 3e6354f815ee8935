"""Writing versions: read the heads, then insert the versions of a whole set in one statement.

https://hl7.org/fhir/R4/http.html#versions

The time and the transaction id of a version come from the database, in that order: the id is assigned first,
so that whoever sees a snapshot knows that every version which is not in it is also later than it. History
pages and feeds rely on this.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import msgspec

from fhir_server.storage.codec import Codec
from fhir_server.storage.errors import LostRace
from fhir_server.storage.pools import Connection

_SEPARATOR = "\x1f"


class Head(msgspec.Struct, frozen=True):
    """The present version of a resource.

    The digests are those of `NewVersion`; a deletion has none.
    """

    rid: int
    version: int
    last_updated: datetime
    deleted: bool
    digest: bytes | None
    meta_digest: bytes | None


class NewVersion(msgspec.Struct, frozen=True):
    """A version to write. `head` is the head that it follows, or None where the resource is new.

    `body` is coded as `codec` says, and None for a deletion. `given` is the time of a version that is restored;
    otherwise the database chooses the time, at least a millisecond after the version before.
    """

    type: str
    id: str
    version: int
    method: str
    status: int
    head: Head | None
    meta: bytes | None = None
    body: bytes | None = None
    digest: bytes | None = None
    meta_digest: bytes | None = None
    tags: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    given: datetime | None = None
    codec: int = Codec.PLAIN


class Written(msgspec.Struct, frozen=True):
    """Where and when a version was written."""

    rid: int
    last_updated: datetime


# One table only: under FOR UPDATE a row that changed while the lock was awaited is looked at again, but a
# row joined to it is not, and would make the resource seem absent.
_HEADS = """
SELECT type, id, rid, version, last_updated, deleted, digest, meta_digest
FROM fhir.resource
WHERE tenant = %s AND (type, id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
ORDER BY type, id
"""
_HEAD = """
SELECT type, id, rid, version, last_updated, deleted, digest, meta_digest
FROM fhir.resource
WHERE tenant = %s AND type = %s AND id = %s
"""


async def read_heads(
    connection: Connection, *, tenant: int, keys: Sequence[tuple[str, str]], lock: bool
) -> dict[tuple[str, str], Head]:
    """Return the heads of the resources with these (type, id); one that does not exist is absent.

    With `lock` they stay as they are until the transaction ends. Without it, `insert_versions` finds out
    when one has changed meanwhile.
    """
    statement = _HEAD if len(keys) == 1 else _HEADS
    parameters: tuple[object, ...] = (
        (tenant, *keys[0]) if len(keys) == 1 else (tenant, [key[0] for key in keys], [key[1] for key in keys])
    )
    if lock:
        statement += "FOR UPDATE"
    rows = await connection.run("heads", statement, parameters)
    return {(row[0], row[1]): Head(*row[2:]) for row in rows}


async def insert_versions(
    connection: Connection, *, tenant: int, generation: int, versions: Sequence[NewVersion]
) -> list[Written]:
    """Write `versions`, of different resources, and return where and when, in their order.

    `generation` is that of the definitions with which they were prepared. Raises StaleDefinitions where it
    is no longer active and LostRace where a head is no longer the one that a version follows. A set of one
    then left nothing behind; a larger set needs a transaction around it, which the error rolls back.
    """
    if len(versions) == 1 and versions[0].given is None:
        statement = _CREATE if versions[0].head is None else _UPDATE
        values = {**_named(versions[0]), "generation": generation, "tenant": tenant}
        found = await connection.run("insert_versions", statement, values)
    else:
        rows = [_named(version).values() for version in versions]
        columns = (list(column) for column in zip(*rows, strict=True))
        statement = _set_statement(
            creates=any(version.head is None for version in versions),
            advances=any(version.head is not None for version in versions),
        )
        found = await connection.run("insert_versions", statement, (generation, tenant, *columns))
    written = [Written(*row) for row in found]
    if len(written) != len(versions):
        raise LostRace("Another request changed the same resource at the same time; try again.")
    return written


def _named(version: NewVersion) -> dict[str, object]:
    head = version.head
    return {
        "previous_rid": None if head is None else head.rid,
        "previous_version": None if head is None else head.version,
        "previous_time": None if head is None else head.last_updated,
        "type": version.type,
        "id": version.id,
        "version": version.version,
        "method": version.method,
        "status": version.status,
        "meta": version.meta,
        "body": version.body,
        "digest": version.digest,
        "meta_digest": version.meta_digest,
        "tags": _SEPARATOR.join(version.tags),
        "security": _SEPARATOR.join(version.security),
        "profiles": _SEPARATOR.join(version.profiles),
        "given": version.given,
        "codec": int(version.codec),
    }


_KINDS = {
    "previous_rid": "int8",
    "previous_version": "int8",
    "previous_time": "timestamptz",
    "type": "text",
    "id": "text",
    "version": "int8",
    "method": "text",
    "status": "int2",
    "meta": "bytea",
    "body": "bytea",
    "digest": "bytea",
    "meta_digest": "bytea",
    "tags": "text",
    "security": "text",
    "profiles": "text",
    "given": "timestamptz",
    "codec": "int2",
}
"""The types of the parameters, in the order of `_named`."""

# Most writes are of one resource. Their statements do the same as that for sets, but without its intermediate
# results, which cost the database as much as the rows themselves.
_INSERT_ONE = """
INSERT INTO fhir.version (tenant, rid, version, type, id, last_updated, txid, method, status,
    codec, meta, body, digest, tags, security, profiles)
SELECT %(tenant)s::int4, rid, %(version)s::int8, %(type)s::text, %(id)s::text, last_updated, pg_current_xact_id(),
    %(method)s::text, %(status)s::int2, %(codec)s::int2, %(meta)s::bytea, %(body)s::bytea, %(digest)s::bytea,
    string_to_array(%(tags)s::text, E'\\x1f'), string_to_array(%(security)s::text, E'\\x1f'),
    string_to_array(%(profiles)s::text, E'\\x1f')
FROM head
RETURNING rid, last_updated
"""
_CREATE = (
    """
WITH head AS (
    INSERT INTO fhir.resource (tenant, type, id, version, last_updated, deleted, digest, meta_digest)
    VALUES (%(tenant)s::int4, %(type)s::text, %(id)s::text, %(version)s::int8, fhir.fence(%(generation)s::int4),
        %(body)s::bytea IS NULL, %(digest)s::bytea, %(meta_digest)s::bytea)
    RETURNING rid, last_updated
)"""
    + _INSERT_ONE
)
_UPDATE = (
    """
WITH stamp AS MATERIALIZED (
    SELECT greatest(fhir.fence(%(generation)s::int4), %(previous_time)s::timestamptz + interval '1 millisecond') AS at
),
head AS (
    UPDATE fhir.resource r
    SET version = %(version)s::int8, last_updated = stamp.at, deleted = %(body)s::bytea IS NULL,
        digest = %(digest)s::bytea, meta_digest = %(meta_digest)s::bytea
    FROM stamp
    WHERE r.tenant = %(tenant)s::int4 AND r.rid = %(previous_rid)s::int8 AND r.version = %(previous_version)s::int8
    RETURNING r.rid, r.last_updated
),
superseded AS (
    INSERT INTO fhir.supersession (tenant, rid, version, superseded_at, superseded_txid)
    SELECT %(tenant)s::int4, rid, %(previous_version)s::int8, last_updated, pg_current_xact_id() FROM head
)"""
    + _INSERT_ONE
)

_CREATED = """
created AS (
    INSERT INTO fhir.resource (tenant, type, id, version, last_updated, deleted, digest, meta_digest)
    SELECT tenant, type, id, version, at, body IS NULL, digest, meta_digest
    FROM input WHERE previous_rid IS NULL ORDER BY type, id
    RETURNING type, id, rid
),"""

_ADVANCED = """
advanced AS (
    UPDATE fhir.resource r
    SET version = i.version, last_updated = i.at, deleted = i.body IS NULL,
        digest = i.digest, meta_digest = i.meta_digest
    FROM input i
    WHERE r.tenant = i.tenant AND r.rid = i.previous_rid AND r.version = i.previous_version
    RETURNING r.type, r.id, r.rid
),
superseded AS (
    INSERT INTO fhir.supersession (tenant, rid, version, superseded_at, superseded_txid)
    SELECT i.tenant, a.rid, i.previous_version, i.at, i.txid FROM input i JOIN advanced a USING (type, id)
),"""

_INSERTED = """
head AS (%s),
inserted AS (
    INSERT INTO fhir.version (tenant, rid, version, type, id, last_updated, txid, method, status,
        codec, meta, body, digest, tags, security, profiles)
    SELECT tenant, rid, version, type, id, at, txid, method, status, codec, meta, body, digest,
        string_to_array(tags, E'\\x1f'), string_to_array(security, E'\\x1f'), string_to_array(profiles, E'\\x1f')
    FROM input JOIN head USING (type, id)
)
SELECT rid, at FROM input JOIN head USING (type, id) ORDER BY number
"""


@cache
def _set_statement(*, creates: bool, advances: bool) -> str:
    """Compose the statement for a set, with or without new and changed resources."""
    arrays = ", ".join(f"%s::{kind}[]" for kind in _KINDS.values())
    return (
        "WITH stamp AS MATERIALIZED (SELECT fhir.fence(%s) AS now), "
        "input AS MATERIALIZED (SELECT %s::int4 AS tenant, s.*, pg_current_xact_id() AS txid, "
        "coalesce(date_trunc('milliseconds', s.given), "
        "greatest(stamp.now, s.previous_time + interval '1 millisecond')) AS at "
        f"FROM stamp, unnest({arrays}) WITH ORDINALITY AS s({', '.join(_KINDS)}, number)),"
        + (_CREATED if creates else "")
        + (_ADVANCED if advances else "")
        + _INSERTED % _HEAD_OF[creates, advances]
    )


_HEAD_OF = {
    (True, False): "SELECT * FROM created",
    (False, True): "SELECT * FROM advanced",
    (True, True): "SELECT * FROM created UNION ALL SELECT * FROM advanced",
}
