"""What goes wrong between the server and its database, and what a request is told of it."""

import asyncio

import psycopg
import pytest

from fhir_server.core.context import Context
from fhir_server.core.errors import DeadlineExceeded, Overloaded
from fhir_server.core.settings import PoolSettings
from fhir_server.interactions.history import history
from fhir_server.interactions.read import read
from fhir_server.interactions.services import Services
from fhir_server.storage.pools import Freshness, PoolOptions, open_database
from fhir_server.storage.selection import History
from tests.factories import put, write_one
from tests.plugins.rows import Rows
from tests.plugins.servers import Database
from tests.plugins.services import OpenServices
from tests.waiting import until

END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'neonpro'"
OURS = "SELECT pid, state FROM pg_stat_activity WHERE application_name = 'neonpro' AND datname = current_database()"
END_OURS = END_ALL + " AND datname = current_database()"


async def test_a_full_queue_is_told_at_once(open_worker: OpenServices, context: Context) -> None:
    async with (
        open_worker(pool=PoolSettings(pool_size=1, pool_queue=1, pool_wait_seconds=30)) as services,
        services.database.connection(),
    ):
        waiting = asyncio.create_task(read(services, context, "Patient", "a"))
        await until(lambda: services.database.primary.get_stats()["requests_waiting"] == 1)
        with pytest.raises(Overloaded) as told:
            await read(services, context, "Patient", "a")
        assert told.value.issues[0].code == "throttled"
        waiting.cancel()


async def test_waiting_for_a_connection_has_an_end(open_worker: OpenServices, context: Context) -> None:
    async with open_worker(pool=PoolSettings(pool_size=1, pool_wait_seconds=0.05)) as services:
        async with services.database.connection():
            with pytest.raises(Overloaded):
                await read(services, context, "Patient", "a")
        assert (await write_one(services, context, put(services, "a"))).decision.version == 1


async def test_a_statement_has_an_end(
    open_worker: OpenServices, context: Context, rows: Rows, database: Database
) -> None:
    async with (
        open_worker(pool=PoolSettings(statement_timeout_seconds=0.2)) as services,
        await psycopg.AsyncConnection.connect(database.superuser_url) as other,
    ):
        await write_one(services, context, put(services, "a"))
        await other.execute("SELECT FROM fhir.resource FOR UPDATE")
        with pytest.raises(DeadlineExceeded):
            await write_one(services, context, put(services, "a", "Lima"))
        await other.rollback()
        assert rows.counts() == (1, 1, 0)
        assert (await write_one(services, context, put(services, "a", "Lima"))).decision.version == 2


async def test_a_transaction_in_which_nothing_happens_has_an_end(
    open_worker: OpenServices, context: Context, rows: Rows
) -> None:
    async with open_worker(pool=PoolSettings(statement_timeout_seconds=0.1)) as services:

        async def dawdle() -> None:
            async with services.database.connection() as connection, connection.transaction():
                await connection.run("first", "SELECT 1")
                await until(lambda: not any("transaction" in str(row["state"]) for row in rows.all(OURS)))
                await connection.run("second", "SELECT 2")

        with pytest.raises(DeadlineExceeded):
            await dawdle()
        assert (await write_one(services, context, put(services, "a"))).decision.version == 1


async def test_a_request_that_is_cancelled_stops_its_statement(
    services: Services, context: Context, rows: Rows
) -> None:
    async with services.database.connection() as connection:
        working = asyncio.create_task(connection.run("slow", "SELECT pg_sleep(600)"))
        await until(lambda: any(row["state"] == "active" for row in rows.all(OURS)))
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        await until(lambda: not any(row["state"] == "active" for row in rows.all(OURS)))
    assert (await write_one(services, context, put(services, "a"))).decision.version == 1


async def test_a_connection_lost_in_a_statement_is_told_and_replaced(
    services: Services, context: Context, rows: Rows
) -> None:
    await write_one(services, context, put(services, "a"))

    async def slow() -> None:
        async with services.database.connection() as connection:
            await connection.run("slow", "SELECT pg_sleep(600)")

    working = [asyncio.create_task(slow()) for _ in range(4)]
    await until(lambda: sum(row["state"] == "active" for row in rows.all(OURS)) == 4)
    rows.all(END_OURS)
    for lost in await asyncio.gather(*working, return_exceptions=True):
        assert isinstance(lost, Overloaded)
        assert lost.issues[0].code == "transient"
    assert (await read(services, context, "Patient", "a")).version == 1


async def test_connections_lost_while_idle_trouble_no_request(
    open_worker: OpenServices, context: Context, rows: Rows
) -> None:
    """As many as the pool holds, so that a request may not meet one dead connection after the other."""
    async with open_worker(pool=PoolSettings(pool_size=8)) as services:
        await write_one(services, context, put(services, "a"))
        for _ in range(2):
            held = [services.database.connection() for _ in range(8)]
            await asyncio.gather(*(each.__aenter__() for each in held))
            await asyncio.gather(*(each.__aexit__(None, None, None) for each in held))
            assert len(rows.all(OURS)) == 8
            rows.all(END_OURS)
            await until(lambda: not rows.all(OURS))
            found = await asyncio.gather(*(read(services, context, "Patient", "a") for _ in range(20)))
            assert {version.version for version in found} == {1}


async def test_a_write_whose_connection_is_lost_leaves_nothing(
    services: Services, context: Context, rows: Rows
) -> None:
    async def write_half() -> None:
        async with services.database.connection() as connection, connection.transaction():
            await connection.execute("INSERT INTO fhir.supersession VALUES (0, 1, 1, now(), '5')")
            rows.all(END_OURS)
            await connection.run("after", "SELECT 1")

    with pytest.raises(Overloaded):
        await write_half()
    assert rows.counts() == (0, 0, 0)
    assert (await write_one(services, context, put(services, "a"))).decision.version == 1


async def test_a_database_that_cannot_be_reached_is_told_in_time(services: Services) -> None:
    options = PoolOptions(size=1, wait=0.05)
    async with open_database("postgresql://nobody@127.0.0.1:1/none", options=options) as database:
        with pytest.raises(Overloaded):
            async with database.connection():
                pass


async def test_a_closed_pool_is_told(database: Database) -> None:
    async with open_database(database.app_url, options=PoolOptions()) as opened:
        pass
    with pytest.raises(Overloaded, match="shutting down"):
        async with opened.connection():
            pass


async def test_a_replica_is_read_from_where_there_is_one(database: Database, empty_database: Database) -> None:
    """Any other database will do to tell which of the two is asked."""
    options = PoolOptions()
    async with open_database(database.app_url, replica_url=empty_database.superuser_url, options=options) as opened:
        names = []
        for freshness in (Freshness.PRIMARY, Freshness.REPLICA):
            async with opened.connection(freshness) as connection:
                names += await connection.run("name", "SELECT current_database()")
    assert names == [(database.name,), (empty_database.name,)]


async def test_without_a_replica_the_primary_is_read(services: Services, context: Context) -> None:
    assert services.database.replica is services.database.primary
    await write_one(services, context, put(services, "a"))
    found = await read(services, context, "Patient", "a", freshness=Freshness.REPLICA)
    page = await history(services, context, History(limit=1), freshness=Freshness.REPLICA)
    assert [found] == page.versions
