"""Connections to PostgreSQL: a bounded pool for the primary and one for the replica, where there is one.

Every connection is in autocommit, so that a single statement is a transaction of one round trip.
https://www.psycopg.org/psycopg3/docs/advanced/pool.html
"""

import asyncio
import select
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, TypeAlias

from psycopg import AsyncConnection, AsyncCursor, OperationalError
from psycopg_pool import AsyncConnectionPool

from fhir_server.storage.errors import translated, translation_of

StatementObserver: TypeAlias = Callable[[str, float], None]
"""Is told the name of each statement and how many seconds it took."""


_ROWS_AT_ONCE = 250
"""Rows that are made into Python's values within a millisecond."""


class Connection(AsyncConnection[tuple[Any, ...]]):
    """A connection whose statements have names, under which they are timed."""

    on_statement: StatementObserver | None = None
    _rows: AsyncCursor[tuple[Any, ...]] | None = None

    async def run(
        self, name: str, statement: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[tuple[Any, ...]]:
        """Execute a prepared statement composed by `storage`, never from a request's text; return its rows.

        One cursor serves all statements of a connection: making one costs as much as sending a statement.
        """
        started = time.perf_counter()
        cursor = self._rows
        if cursor is None:
            cursor = self._rows = self.cursor(binary=True)
        try:
            await cursor.execute(statement, parameters)
            rows = await cursor.fetchmany(_ROWS_AT_ONCE)
            if len(rows) == _ROWS_AT_ONCE:
                while more := await cursor.fetchmany(_ROWS_AT_ONCE):
                    rows += more
                    await asyncio.sleep(0)
            return rows
        finally:
            if self.on_statement is not None:
                self.on_statement(name, time.perf_counter() - started)


class Freshness(StrEnum):
    """How recent a read must be: PRIMARY sees every acknowledged write, REPLICA may lag behind."""

    PRIMARY = "primary"
    REPLICA = "replica"


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """Sizes are per worker process; times are in seconds."""

    size: int = 8
    queue: int = 256
    wait: float = 5.0
    statement_timeout: float = 20.0


@dataclass(frozen=True, slots=True)
class Database:
    """The open pools; `replica` is the primary's pool where no replica is configured."""

    primary: AsyncConnectionPool[Connection]
    replica: AsyncConnectionPool[Connection]

    def connection(self, freshness: Freshness = Freshness.PRIMARY) -> "LentConnection":
        """Lend a connection in autocommit, in an `async with`.

        Raises Overloaded where none comes free in time or the database is away, DeadlineExceeded where it
        cancelled a statement.
        """
        return LentConnection(self.primary if freshness is Freshness.PRIMARY else self.replica)

    def pool_states(self) -> dict[str, dict[str, int]]:
        """Return, for each pool, how many connections it has and lends, and how many requests wait for one."""
        pools = (
            {"primary": self.primary}
            if self.replica is self.primary
            else {"primary": self.primary, "replica": self.replica}
        )
        return {name: _states(pool.get_stats()) for name, pool in pools.items()}


class LentConnection:
    """A connection taken from its pool and given back at the end.

    Unlike the pool's own context it does not commit: in autocommit there is nothing to commit, and asking
    costs a tenth of a read. A transaction that an error left open is rolled back by the pool.
    """

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    async def __aenter__(self) -> Connection:
        with translated():
            self._connection = await self._pool.getconn()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.putconn(self._connection)
        if error is not None and (known := translation_of(error)) is not None:
            raise known from error


@asynccontextmanager
async def open_database(
    url: str,
    *,
    replica_url: str | None = None,
    options: PoolOptions,
    on_statement: StatementObserver | None = None,
) -> AsyncIterator[Database]:
    """Open the pools and close them at the end; does not wait for the first connection."""

    async def configure(connection: Connection) -> None:
        connection.on_statement = on_statement

    primary = _pool(url, options, configure)
    replica = primary if replica_url is None else _pool(replica_url, options, configure)
    pools = [primary] if replica is primary else [primary, replica]
    try:
        for pool in pools:
            await pool.open()
        yield Database(primary, replica)
    finally:
        for pool in pools:
            await pool.close()


def _pool(
    url: str, options: PoolOptions, configure: Callable[[Connection], Awaitable[None]]
) -> AsyncConnectionPool[Connection]:
    milliseconds = int(options.statement_timeout * 1000)

    async def check(connection: Connection) -> None:
        try:
            _require_open(connection)
        except OperationalError:
            # Whatever closed this one, such as a restart of the server, most likely closed the others too.
            await pool.check()
            raise

    pool = AsyncConnectionPool(
        url,
        connection_class=Connection,
        configure=configure,
        check=check,
        open=False,
        min_size=min(2, options.size),
        max_size=options.size,
        max_waiting=options.queue,
        timeout=options.wait,
        reconnect_timeout=30.0,
        kwargs={
            "autocommit": True,
            "prepare_threshold": 0,
            "application_name": "neonpro",
            "options": (
                f"-c statement_timeout={milliseconds} -c idle_in_transaction_session_timeout={milliseconds} "
                "-c timezone=UTC -c plan_cache_mode=force_generic_plan -c jit=off"
            ),
        },
    )
    return pool


def _states(stats: Mapping[str, int]) -> dict[str, int]:
    return {
        "size": stats.get("pool_size", 0),
        "available": stats.get("pool_available", 0),
        "waiting": stats.get("requests_waiting", 0),
    }


def _require_open(connection: Connection) -> None:
    """Raise OperationalError where the server closed the connection while it was idle; costs no round trip."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    while poll.poll(0):
        connection.pgconn.consume_input()
