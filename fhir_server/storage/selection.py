"""What can be read: the present version, one version, or a page of history.

https://hl7.org/fhir/R4/http.html#read, #vread and #history

Every reading statement is composed here, so that a rule about who may see which version has one place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from fhir_server.storage.pools import Connection
from fhir_server.storage.version import StoredVersion


@dataclass(frozen=True, slots=True)
class Current:
    """The present version of a resource, which may be a deletion."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class OneVersion:
    """One version of a resource by its number."""

    type: str
    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a history, newest first; a page begins after it."""

    last_updated: datetime
    rid: int
    version: int


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which versions of a history count.

    `since` is the earliest time of a version; `at` is a period [begin, end) in which a version must have
    been the present one at some moment; `listed` holds the (type, id) to which the history is confined.
    """

    since: datetime | None = None
    at: tuple[datetime, datetime] | None = None
    listed: tuple[tuple[str, str], ...] | None = None


EVERY_VERSION = HistoryFilter()


@dataclass(frozen=True, slots=True)
class History:
    """A page of the history of one resource (`type` and `id`), of a type, or of the whole tenant.

    `horizon` is a transaction id: versions of transactions from there on are left out, see `horizon.py`.
    """

    limit: int
    type: str | None = None
    id: str | None = None
    filter: HistoryFilter = EVERY_VERSION
    after: Position | None = None
    horizon: int | None = None


Selection: TypeAlias = Current | OneVersion | History

_COLUMNS = "v.type, v.id, v.version, v.last_updated, v.method, v.status, v.meta, v.body, v.rid, v.codec"
_OF_RESOURCE = "JOIN fhir.version v ON v.tenant = r.tenant AND v.rid = r.rid"
_CURRENT = (
    f"SELECT {_COLUMNS} FROM fhir.resource r {_OF_RESOURCE} AND v.version = r.version "
    "WHERE r.tenant = %s AND r.type = %s AND r.id = %s"
)
_ONE_VERSION = (
    f"SELECT {_COLUMNS} FROM fhir.resource r {_OF_RESOURCE} "
    "WHERE r.tenant = %s AND r.type = %s AND r.id = %s AND v.version = %s"
)

# The rids are looked up once, whatever plan follows: as a join, a long list was compared with every version.
_LISTED = (
    "v.rid = ANY (ARRAY(SELECT m.rid FROM fhir.resource m "
    "JOIN unnest(string_to_array(%s, E'\\x1f'), string_to_array(%s, E'\\x1f')) AS listed(type, id) "
    "ON m.type = listed.type AND m.id = listed.id WHERE m.tenant = %s))"
)
_SEPARATOR = "\x1f"


async def select(connection: Connection, *, tenant: int, selection: Selection) -> list[StoredVersion]:
    """Return the selected versions: at most one, or a page of history with the newest first."""
    statement, parameters = _statement(tenant, selection)
    return [StoredVersion(*row) for row in await connection.run(_NAMES[type(selection)], statement, parameters)]


async def count(connection: Connection, *, tenant: int, history: History) -> int:
    """Return how many versions the history has over all its pages."""
    source, parameters = _history_source(tenant, history)
    rows = await connection.run("count", f"SELECT count(*) FROM {source}", parameters)
    return int(rows[0][0])


_NAMES = {Current: "read", OneVersion: "vread", History: "history"}


def _statement(tenant: int, selection: Selection) -> tuple[str, Sequence[Any]]:
    match selection:
        case Current():
            return _CURRENT, (tenant, selection.type, selection.id)
        case OneVersion():
            return _ONE_VERSION, (tenant, selection.type, selection.id, selection.version)
        case History():
            return _history(tenant, selection)


def _history(tenant: int, history: History) -> tuple[str, list[Any]]:
    source, parameters = _history_source(tenant, history)
    after = history.after
    if history.id is not None:
        order = "v.version DESC"
        if after is not None:
            source += " AND v.version < %s"
            parameters.append(after.version)
    else:
        order = "v.last_updated DESC, v.rid DESC, v.version DESC"
        if after is not None:
            source += " AND (v.last_updated, v.rid, v.version) < (%s, %s, %s)"
            parameters += (after.last_updated, after.rid, after.version)
    statement = f"SELECT {_COLUMNS} FROM {source} ORDER BY {order} LIMIT %s"
    return statement, [*parameters, history.limit]


def _history_source(tenant: int, history: History) -> tuple[str, list[Any]]:
    """Return FROM and WHERE of a history without its page; the texts are constants, the values parameters."""
    joins = ""
    joined: list[Any] = []
    conditions: list[str] = ["v.tenant = %s"]
    parameters: list[Any] = [tenant]
    if history.id is not None:
        joins = "JOIN fhir.resource r ON r.tenant = v.tenant AND r.rid = v.rid"
        conditions.append("r.type = %s AND r.id = %s")
        parameters += (history.type, history.id)
    elif history.type is not None:
        conditions.append("v.type = %s")
        parameters.append(history.type)
    if history.horizon is not None:
        conditions.append("v.txid < %s::text::xid8")
        parameters.append(str(history.horizon))
    if history.filter.since is not None:
        conditions.append("v.last_updated >= %s")
        parameters.append(history.filter.since)
    if history.filter.at is not None:
        begin, end = history.filter.at
        joins += " LEFT JOIN fhir.supersession s ON (s.tenant, s.rid, s.version) = (v.tenant, v.rid, v.version)"
        if history.horizon is not None:
            # Before the horizon a version is still the present one that a later transaction superseded.
            joins += " AND s.superseded_txid < %s::text::xid8"
            joined.append(str(history.horizon))
        conditions.append("v.last_updated < %s AND (s.superseded_at IS NULL OR s.superseded_at > %s)")
        parameters += (end, begin)
    if history.filter.listed is not None:
        conditions.append(_LISTED)
        types = _SEPARATOR.join(each[0] for each in history.filter.listed)
        ids = _SEPARATOR.join(each[1] for each in history.filter.listed)
        parameters += (types, ids, tenant)
    return f"fhir.version v {joins} WHERE {' AND '.join(conditions)}", [*joined, *parameters]
