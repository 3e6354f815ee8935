"""Up to where the past is settled.

A version gets its time when its transaction runs, but becomes visible when that commits. A history page
must not show what is newer while something older is still on its way, or whoever asks again "since then"
never sees the older one. So a history of many resources waits for the transactions that are under way, for a
short time, and then leaves out all that were not finished.
https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fhir_server.storage.pools import Connection

# A snapshot does not tell of a transaction that began to write after the last one that ended, so that its xmax
# is no bound of those under way. An id of its own is: who has a greater one took it, and then its time, later.
_MARK = """
SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_xact_id()::text::int8 END,
    pg_snapshot_xmin(pg_current_snapshot())::text::int8,
    date_trunc('milliseconds', statement_timestamp())
"""
_OLDEST = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8"
_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Horizon:
    """Every transaction below `txid` has ended.

    Each version of any other transaction has a `last_updated` of `at` or later, unless it was given its
    time; `at` is None where a transaction that is still under way forbids to say so.
    """

    txid: int
    at: datetime | None


async def settled_horizon(connection: Connection, *, patience: float) -> Horizon:
    """Return a horizon past every transaction that had begun to write when this was called.

    Where one of them takes longer than `patience` seconds, the horizon lies before it. A replica does not know
    what the primary is doing: there the horizon is what has arrived, without a time.
    """
    mark, oldest, at = await _row(connection, _MARK)
    if mark is None:
        return Horizon(oldest, None)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    pause = _FIRST_PAUSE
    while oldest < mark and loop.time() < deadline:
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
        (oldest,) = await _row(connection, _OLDEST)
    return Horizon(mark, at) if oldest >= mark else Horizon(oldest, None)


async def _row(connection: Connection, statement: str) -> tuple[Any, ...]:
    return (await connection.run("horizon", statement))[0]
