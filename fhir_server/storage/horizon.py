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

from fhir_server.storage.pools import Connection

_SNAPSHOT = """
SELECT pg_snapshot_xmin(s)::text::int8, pg_snapshot_xmax(s)::text::int8,
    date_trunc('milliseconds', statement_timestamp())
FROM pg_current_snapshot() AS s
"""
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

    Where one of them takes longer than `patience` seconds, the horizon lies before it.
    """
    oldest, wanted, at = await _snapshot(connection)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    pause = _FIRST_PAUSE
    while oldest < wanted and loop.time() < deadline:
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
        oldest, _, _ = await _snapshot(connection)
    return Horizon(wanted, at) if oldest >= wanted else Horizon(oldest, None)


async def _snapshot(connection: Connection) -> tuple[int, int, datetime]:
    cursor = await connection.run("horizon", _SNAPSHOT)
    row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1], row[2]
