"""Writers and the generation of the definitions with which their rows were made."""

import asyncio

import psycopg
import pytest

from fhir_server.core.context import Context
from fhir_server.core.errors import Overloaded
from fhir_server.definitions import Definitions
from fhir_server.interactions.read import read
from fhir_server.interactions.services import Services
from fhir_server.storage.errors import StaleDefinitions
from tests.factories import put, uncommitted, write_one
from tests.plugins.rows import Rows
from tests.plugins.servers import Database
from tests.waiting import until

ACTIVATE = "SELECT fhir.activate_definitions(%s)"
WAITING = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def activate(database: Database, digest: str) -> int:
    """Activate definitions as the migration of a release does; waits for writers that are under way."""
    async with await psycopg.AsyncConnection.connect(database.migration_url) as connection:
        row = await (await connection.execute(ACTIVATE, (digest,))).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_stale_writer_asks_again_and_repeats(
    services: Services, context: Context, database: Database, definitions: Definitions, statements: list[str]
) -> None:
    await write_one(services, context, put(services, "a"))
    await activate(database, "others")
    assert await activate(database, definitions.digest) == 3
    statements.clear()
    result = await write_one(services, context, put(services, "a", "Lima"))
    assert result.decision.version == 2
    assert statements == ["heads", "insert_versions", "generation", "heads", "insert_versions"]
    assert await services.generation.current() == 3


async def test_a_writer_with_other_definitions_only_reads(
    services: Services, context: Context, database: Database, definitions: Definitions, rows: Rows
) -> None:
    await write_one(services, context, put(services, "a"))
    await activate(database, "others")
    for change in (put(services, "a", "Lima"), put(services, "b")):
        with pytest.raises(Overloaded) as told:
            await write_one(services, context, change)
        assert told.value.retry_after == 30
    assert (await read(services, context, "Patient", "a")).version == 1
    assert rows.counts() == (1, 1, 0)
    await activate(database, definitions.digest)
    assert (await write_one(services, context, put(services, "a", "Lima"))).decision.version == 2


async def test_a_stale_generation_writes_nothing(
    services: Services, context: Context, database: Database, definitions: Definitions, rows: Rows
) -> None:
    await services.generation.current()
    await activate(database, "others")
    with pytest.raises(StaleDefinitions):
        async with uncommitted(services, context, "a", "b"):
            pass
    assert rows.counts() == (0, 0, 0)


async def test_an_activation_waits_for_the_writers_under_way(
    services: Services, context: Context, database: Database, definitions: Definitions, rows: Rows
) -> None:
    async with uncommitted(services, context, "early"):
        activating = asyncio.create_task(activate(database, "others"))
        await until(lambda: bool(rows.all(WAITING)))
        assert not activating.done()
        late = asyncio.create_task(write_one(services, context, put(services, "late")))
        await until(lambda: len(rows.all(WAITING)) == 2)
    await activating
    with pytest.raises(Overloaded):
        await late
    assert rows.all("SELECT id FROM fhir.resource") == [{"id": "early"}]


async def test_activating_the_active_definitions_changes_nothing(
    services: Services, database: Database, definitions: Definitions, rows: Rows
) -> None:
    generation = await services.generation.current()
    assert await activate(database, definitions.digest) == generation
    assert rows.all("SELECT count(*) AS n FROM fhir.definitions") == [{"n": 1}]


async def test_many_activations_leave_one_active(database: Database, rows: Rows) -> None:
    found = await asyncio.gather(*(activate(database, f"release {number % 3}") for number in range(12)))
    active = rows.all("SELECT generation FROM fhir.definitions WHERE retired_at IS NULL")
    assert len(active) == 1
    assert active[0]["generation"] == max(found)
