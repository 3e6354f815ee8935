"""The server's services on a database of their own: a test pays about 100 ms, the session 20 ms for definitions."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from itertools import count
from typing import Protocol

import pytest
from pydantic import SecretStr

from fhir_server.core.context import Context
from fhir_server.core.settings import FhirSettings, PoolSettings, Settings, StorageSettings
from fhir_server.definitions import Definitions, load_definitions
from fhir_server.interactions.services import Services
from fhir_server.wiring import open_services
from tests.plugins.servers import Database
from tests.waiting import PATIENCE

DIGEST_KEY = "5e" * 32


class OpenServices(Protocol):
    """Opens services on the test's database, as one more worker process would."""

    def __call__(
        self, *, pool: PoolSettings | None = None, fhir: FhirSettings | None = None
    ) -> AbstractAsyncContextManager[Services]: ...


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    """Return the definitions that ship with the server."""
    return load_definitions()


@pytest.fixture
def context() -> Context:
    """Return the context of a request to the default tenant."""
    return Context()


@pytest.fixture
def statements() -> list[str]:
    """Return the names of the statements that `services` sent; a test may clear it."""
    return []


@pytest.fixture
def open_worker(database: Database, definitions: Definitions, statements: list[str]) -> OpenServices:
    """Return what opens services with settings of the test's own."""

    def opened(
        *, pool: PoolSettings | None = None, fhir: FhirSettings | None = None
    ) -> AbstractAsyncContextManager[Services]:
        storage = StorageSettings(database_url=SecretStr(database.app_url), digest_key=SecretStr(DIGEST_KEY))
        settings = Settings(storage=storage, pool=pool or PoolSettings(), fhir=fhir or FhirSettings())
        return open_services(settings, definitions, on_statement=lambda name, _: statements.append(name))

    return opened


@pytest.fixture
async def services(open_worker: OpenServices) -> AsyncIterator[Services]:
    """Yield the services with the default settings, whose histories wait for whatever is under way."""
    async with open_worker() as opened:
        yield replace(opened, history_patience=PATIENCE)


@pytest.fixture
def new_tenants() -> Iterator[Context]:
    """Return contexts each of a tenant of its own, which a test of many examples takes one for each of."""
    return (Context(tenant=number) for number in count(1))
