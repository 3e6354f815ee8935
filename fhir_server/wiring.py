"""The one place that builds what the processes work with, from the settings."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from redis.asyncio import Redis

from fhir_server.core.errors import StartRefused
from fhir_server.core.settings import Settings
from fhir_server.definitions import Definitions
from fhir_server.interactions.change import WriteRules
from fhir_server.interactions.prepare import Preparation, PrepareOptions
from fhir_server.interactions.services import Generation, Services
from fhir_server.rest.base_url import BaseUrlRule
from fhir_server.rest.options import RestOptions
from fhir_server.storage.generation import active_generation
from fhir_server.storage.pools import PoolOptions, StatementObserver, open_database

FHIR_ROOT = "/fhir"


@asynccontextmanager
async def open_services(
    settings: Settings, definitions: Definitions, *, on_statement: StatementObserver | None = None
) -> AsyncIterator[Services]:
    """Open the database's pools and yield the services that the interactions work with.

    Raises StartRefused where the settings lack the database's URL or the key of digests.
    """
    database_url = _required(settings.storage.database_url, "NEONPRO_DATABASE_URL")
    digest_key = bytes.fromhex(_required(settings.storage.digest_key, "NEONPRO_DIGEST_KEY"))
    replica = settings.storage.database_replica_url
    async with open_database(
        database_url,
        replica_url=None if replica is None else replica.get_secret_value(),
        options=PoolOptions(
            size=settings.pool.pool_size,
            queue=settings.pool.pool_queue,
            wait=settings.pool.pool_wait_seconds,
            statement_timeout=settings.pool.statement_timeout_seconds,
        ),
        on_statement=on_statement,
    ) as database:

        async def reload() -> int:
            return await active_generation(database, digest=definitions.digest)

        options = PrepareOptions(
            digest_key=digest_key,
            max_depth=settings.limits.max_json_depth,
            max_number_characters=settings.limits.max_number_characters,
        )
        with Preparation(definitions, options) as preparation:
            yield Services(
                definitions=definitions,
                preparation=preparation,
                database=database,
                generation=Generation(reload),
                rules=WriteRules(
                    update_create=settings.fhir.update_create,
                    versioned_update=settings.fhir.versioned_update,
                ),
            )


@asynccontextmanager
async def open_redis(settings: Settings) -> AsyncIterator[Redis]:
    """Yield a client of Redis; it connects at its first use. Raises StartRefused where there is no URL."""
    async with Redis.from_url(_required(settings.storage.redis_url, "NEONPRO_REDIS_URL")) as redis:
        yield redis


def readiness_checks(services: Services, redis: Redis) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """Return what must serve for the server to be ready: the database and Redis."""

    async def database() -> None:
        async with services.database.connection() as connection:
            await connection.run("ping", "SELECT 1")

    return {"database": database, "redis": redis.ping}


def _required(secret: SecretStr | None, variable: str) -> str:
    if secret is None:
        raise StartRefused(f"{variable} is not set; `neonpro serve` sets it for its own servers.")
    return secret.get_secret_value()


def rest_options(settings: Settings) -> RestOptions:
    """Return what the settings say about answers."""
    return RestOptions(
        base_url=BaseUrlRule(FHIR_ROOT, fixed=settings.server.base_url, trusted=settings.server.trust_forwarded),
        max_body_bytes=settings.limits.max_body_bytes,
        deadline=settings.server.request_deadline_seconds,
        default_page_size=settings.limits.default_page_size,
        max_page_size=settings.limits.max_page_size,
        cors=bool(settings.server.cors_origins),
        zone=ZoneInfo(settings.fhir.default_timezone),
    )
