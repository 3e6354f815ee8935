"""Connections to PostgreSQL: a bounded pool for the primary and one for the replica, where there is one.

Every connection is in autocommit, so that a single statement is a transaction of one round trip.
https://www.psycopg.org/psycopg3/docs/advanced/pool.html
"""

import select
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from psycopg import AsyncConnection, AsyncCursor, OperationalError
from psycopg_pool import AsyncConnectionPool

from fhir_server.storage.errors import translated

StatementObserver: TypeAlias = Callable[[str, float], None]
"""Is told the name of each statement and how many seconds it took."""


class Connection(AsyncConnection[tuple[Any, ...]]):
    """A connection whose statements have names, under which they are timed."""

    on_statement: StatementObserver | None = None

    async def run(self, name: str, statement: str, parameters: Sequence[object] = ()) -> AsyncCursor[Any]:
        """Execute a prepared statement composed by `storage`, never from a request's text; rows are binary."""
        started = time.perf_counter()
        try:
            return await self.execute(statement, parameters, binary=True)
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

    @asynccontextmanager
    async def connection(self, freshness: Freshness = Freshness.PRIMARY) -> AsyncIterator[Connection]:
        """Lend a connection in autocommit.

        Raises Overloaded where none comes free in time or the database is away, DeadlineExceeded where it
        cancelled a statement.
        """
        pool = self.primary if freshness is Freshness.PRIMARY else self.replica
        with translated():
            async with pool.connection() as connection:
                yield connection


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


def _require_open(connection: Connection) -> None:
    """Raise OperationalError where the server closed the connection while it was idle; costs no round trip."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    while poll.poll(0):
        connection.pgconn.consume_input()
