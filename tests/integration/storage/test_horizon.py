"""The horizon up to which everything has ended, over connections of several clients."""

import asyncio

from fhir_server.core.context import Context
from fhir_server.interactions.services import Services
from fhir_server.storage.horizon import Horizon, settled_horizon
from tests.factories import put, uncommitted, write_one
from tests.plugins.rows import Rows
from tests.waiting import PATIENCE, until


async def horizon(services: Services, patience: float = PATIENCE) -> Horizon:
    async with services.database.connection() as connection:
        return await settled_horizon(connection, patience=patience)


async def test_what_was_written_lies_before_the_horizon_and_its_time(
    services: Services, context: Context, rows: Rows
) -> None:
    await write_one(services, context, put(services, "a"))
    found = await horizon(services)
    last = rows.all("SELECT txid::text::int8 AS txid, last_updated FROM fhir.version")[0]
    assert last["txid"] < found.txid
    assert found.at is not None
    assert last["last_updated"] <= found.at


async def test_what_is_written_later_lies_past_the_horizon_and_its_time(
    services: Services, context: Context, rows: Rows
) -> None:
    found = await horizon(services)
    await write_one(services, context, put(services, "a"))
    last = rows.all("SELECT txid::text::int8 AS txid, last_updated FROM fhir.version")[0]
    assert found.at is not None
    assert (last["txid"] >= found.txid, last["last_updated"] >= found.at) == (True, True)


async def test_the_horizon_lies_before_what_does_not_end_in_time(services: Services, context: Context) -> None:
    earlier = await horizon(services)
    async with uncommitted(services, context, "stuck"):
        first = await horizon(services, 0)
        second = await horizon(services, 0.01)
    assert first == second == Horizon(first.txid, None)
    assert earlier.txid <= first.txid < (await horizon(services)).txid


async def test_the_horizon_waits_for_all_that_are_under_way(
    services: Services, context: Context, statements: list[str]
) -> None:
    async with uncommitted(services, context, "first"):
        async with uncommitted(services, context, "second"):
            asked = asyncio.create_task(horizon(services))
            await until(lambda: statements.count("horizon") > 1)
        told = statements.count("horizon")
        await until(lambda: statements.count("horizon") > told)
        assert not asked.done()
    assert (await asked).at is not None


async def test_the_horizon_does_not_wait_for_those_who_only_read(services: Services, rows: Rows) -> None:
    async with services.database.connection() as connection, connection.transaction():
        await connection.run("read", "SELECT count(*) FROM fhir.version")
        assert (await horizon(services, 0)).at is not None
