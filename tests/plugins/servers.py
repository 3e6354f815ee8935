"""The embedded PostgreSQL and Redis for tests: a session pays about two seconds, a test about 50 ms.

Every pytest process has its own servers. They are the product's own, but for `fsync`, which tests do without: a
crash of the machine in the middle of a test run loses nothing that matters.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from fhir_server.storage.embedded.data_directory import DataDirectory, open_data_directory
from fhir_server.storage.embedded.postgresql import EmbeddedPostgresql, start_postgresql
from fhir_server.storage.embedded.postgresql_roles import APP, DATABASE, MIGRATE
from fhir_server.storage.embedded.redis import EmbeddedRedis, start_redis
from fhir_server.storage.migrations import upgrade


@dataclass(frozen=True, slots=True)
class Database:
    """A database of its own for one test, migrated and empty."""

    name: str
    app_url: str = field(repr=False)
    migration_url: str = field(repr=False)
    superuser_url: str = field(repr=False)


@pytest.fixture
def new_folder() -> Iterator[Path]:
    """Yield the path of a folder that does not exist yet and is removed after the test.

    Its path is short enough for sockets, and every user can reach it, which is untrue of `tmp_path`.
    """
    with temporary_folder() as path:
        yield path


@pytest.fixture(scope="session")
def servers_directory() -> Iterator[DataDirectory]:
    """Yield the data directory of the session's servers."""
    with temporary_folder() as path, open_data_directory(path) as directory:
        yield directory


@pytest.fixture(scope="session")
def postgresql_server(servers_directory: DataDirectory) -> Iterator[EmbeddedPostgresql]:
    """Yield the session's PostgreSQL; its own database is the migrated template and holds nothing."""
    server = start_postgresql(servers_directory, settings={"fsync": "off"})
    try:
        upgrade(server.migration_url, app_role=APP)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def redis_server(servers_directory: DataDirectory) -> Iterator[EmbeddedRedis]:
    """Yield the session's Redis; tests share it, so that each uses keys of its own."""
    server = start_redis(servers_directory)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def database(postgresql_server: EmbeddedPostgresql) -> Iterator[Database]:
    """Yield a clone of the migrated template, dropped after the test."""
    with _new_database(postgresql_server, template=DATABASE) as made:
        yield made


@pytest.fixture
def empty_database(postgresql_server: EmbeddedPostgresql) -> Iterator[Database]:
    """Yield a database without a schema of ours, dropped after the test."""
    with _new_database(postgresql_server, template="template0") as made:
        yield made


@contextmanager
def temporary_folder() -> Iterator[Path]:
    path = Path(tempfile.gettempdir()) / f"neonpro-test-{uuid.uuid4().hex[:12]}"
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _new_database(server: EmbeddedPostgresql, *, template: str) -> Iterator[Database]:
    name = f"test_{uuid.uuid4().hex}"
    names = {
        "name": sql.Identifier(name),
        "template": sql.Identifier(template),
        "owner": sql.Identifier(MIGRATE),
    }
    with psycopg.connect(server.superuser_url, autocommit=True) as superuser:
        # Copying files takes half the time of writing them to the log, as the template is small.
        superuser.execute(
            sql.SQL("CREATE DATABASE {name} TEMPLATE {template} OWNER {owner} STRATEGY file_copy").format(**names)
        )
        try:
            yield Database(
                name=name,
                app_url=server.address.app_url(name),
                migration_url=server.address.migration_url(name),
                superuser_url=server.address.superuser_url(name),
            )
        finally:
            superuser.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))
