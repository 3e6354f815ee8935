"""Reading from a server in recovery, as a replica is; it costs two starts of a PostgreSQL of its own."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from fhir_server.core.context import Context
from fhir_server.core.errors import Overloaded
from fhir_server.core.settings import Settings, StorageSettings
from fhir_server.definitions import Definitions
from fhir_server.interactions.history import history
from fhir_server.interactions.read import read
from fhir_server.storage.embedded.data_directory import open_data_directory
from fhir_server.storage.embedded.postgresql import start_postgresql
from fhir_server.storage.embedded.postgresql_roles import APP
from fhir_server.storage.migrations import upgrade
from fhir_server.storage.pools import Freshness
from fhir_server.storage.selection import History
from fhir_server.wiring import open_services
from tests.factories import put, write_one
from tests.plugins.servers import temporary_folder
from tests.plugins.services import DIGEST_KEY


async def test_a_replica_is_read_but_tells_no_settled_time(definitions: Definitions, context: Context) -> None:
    with temporary_folder() as path, open_data_directory(path) as directory:
        settings = {"fsync": "off", "primary_conninfo": ""}
        server = start_postgresql(directory, settings=settings)
        try:
            upgrade(server.migration_url, app_role=APP)
            storage = StorageSettings(database_url=SecretStr(server.app_url), digest_key=SecretStr(DIGEST_KEY))
            async with open_services(Settings(storage=storage), definitions) as services:
                await write_one(services, context, put(services, "a"))
        finally:
            server.stop()
        (path / "postgresql" / "standby.signal").touch()
        server = start_postgresql(directory, settings=settings)
        try:
            async with open_services(Settings(storage=storage), definitions) as services:
                quick = replace(services, history_patience=0)
                assert (await read(quick, context, "Patient", "a", freshness=Freshness.REPLICA)).version == 1
                page = await history(quick, context, History(limit=5), freshness=Freshness.REPLICA)
                assert ([version.id for version in page.versions], page.settled_at) == (["a"], None)
                with pytest.raises(Overloaded, match="only reads"):
                    await write_one(services, context, put(services, "b"))
        finally:
            server.stop()
