"""The PostgreSQL and the Redis that a command works with: those of the settings, or embedded ones."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from fhir_server.core.settings import StorageSettings
from fhir_server.storage.embedded.data_directory import DataDirectory, open_data_directory
from fhir_server.storage.embedded.postgresql import EmbeddedPostgresql, start_postgresql
from fhir_server.storage.embedded.postgresql_roles import APP
from fhir_server.storage.embedded.redis import EmbeddedRedis, start_redis


@dataclass(frozen=True, slots=True)
class Servers:
    """The URLs to work with and the servers that were started for them.

    `app_role` is the role that migrations let use the schema, None where it is the one that migrates.
    """

    database_url: str = field(repr=False)
    migration_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    digest_key: str = field(repr=False)
    app_role: str | None = None
    postgresql: EmbeddedPostgresql | None = None
    redis: EmbeddedRedis | None = None

    def ended(self) -> str | None:
        """Return the name of an embedded server that has ended by itself, or None."""
        if self.postgresql and not self.postgresql.is_running():
            return "PostgreSQL"
        return "Redis" if self.redis and not self.redis.is_running() else None


@contextmanager
def running_servers(storage: StorageSettings, *, connections: int = 100) -> Iterator[Servers]:
    """Start what the settings name no URL for, yield all, and stop in reverse order what was started.

    The embedded PostgreSQL takes this many connections. Raises `StartRefused` where one cannot be started.
    """
    with ExitStack() as stack:
        directory = None
        if not (storage.database_url and storage.redis_url):
            directory = stack.enter_context(open_data_directory(storage.data_dir))
        postgresql = redis = None
        if directory and not storage.database_url:
            postgresql = _started(stack, directory, connections)
        if directory and not storage.redis_url:
            redis = start_redis(directory)
            stack.callback(redis.stop)
        yield _servers(storage, postgresql, redis)


def _started(stack: ExitStack, directory: DataDirectory, connections: int) -> EmbeddedPostgresql:
    postgresql = start_postgresql(directory, connections=connections)
    stack.callback(postgresql.stop)
    return postgresql


def _servers(storage: StorageSettings, postgresql: EmbeddedPostgresql | None, redis: EmbeddedRedis | None) -> Servers:
    redis_url = redis.url if redis else _value(storage.redis_url)
    digest_key = _value(storage.digest_key)
    if postgresql:
        return Servers(
            postgresql.app_url,
            postgresql.migration_url,
            redis_url,
            digest_key or postgresql.address.credentials.digest_key,
            APP,
            postgresql,
            redis,
        )
    database_url = _value(storage.database_url)
    migration_url = _value(storage.migration_database_url) or database_url
    role = conninfo_to_dict(database_url).get("user") if storage.migration_database_url else None
    return Servers(database_url, migration_url, redis_url, digest_key, str(role) if role else None, None, redis)


def _value(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
