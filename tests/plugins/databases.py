"""The database behind a server as its administrator meets it: locks held, columns renamed, connections
refused, processes stopped. Whatever is done is undone at the end of its `with`."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from fhir_server.storage.embedded.postgresql_roles import APP, DATABASE, MAINTENANCE_DATABASE
from tests.plugins.fhir_client import eventually
from tests.plugins.process import Neonpro

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'"
_SESSIONS = "SELECT pid FROM pg_stat_activity WHERE usename = %s"
_LOCK_RESOURCE = "SELECT 1 FROM fhir.resource WHERE type = %s AND id = %s FOR UPDATE"


@dataclass(frozen=True, slots=True)
class Administrator:
    """The superuser of a server's embedded PostgreSQL."""

    url: str = field(repr=False)

    @contextmanager
    def holding_all(self) -> Iterator[None]:
        """Let every statement of the server wait until this ends."""
        with psycopg.connect(self.url) as session:
            session.execute("LOCK TABLE fhir.resource, fhir.version IN ACCESS EXCLUSIVE MODE")
            yield
            session.rollback()

    @contextmanager
    def holding(self, place: str) -> Iterator[None]:
        """Let changes of the resource at `Type/id` wait until this ends."""
        with psycopg.connect(self.url) as session:
            session.execute(_LOCK_RESOURCE, place.split("/"))
            yield
            session.rollback()

    @contextmanager
    def without_bodies(self) -> Iterator[None]:
        """Break the server's statements, as a bug of ours would: the column of bodies has another name."""
        rename = "ALTER TABLE fhir.version RENAME COLUMN {} TO {}"
        names = sql.Identifier("body"), sql.Identifier("corpus")
        with psycopg.connect(self.url, autocommit=True) as session:
            session.execute(sql.SQL(rename).format(*names))
            try:
                yield
            finally:
                session.execute(sql.SQL(rename).format(*reversed(names)))

    @contextmanager
    def refusing_connections(self) -> Iterator[None]:
        """Let the database be away: its sessions end and it takes no new ones."""
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        name = sql.Identifier(DATABASE)
        with psycopg.connect(make_conninfo(self.url, dbname=MAINTENANCE_DATABASE), autocommit=True) as session:
            session.execute(allow.format(name, sql.SQL("false")))
            try:
                session.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = %s", (APP,)
                )
                yield
            finally:
                session.execute(allow.format(name, sql.SQL("true")))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the server's sessions where they are, as a machine does that has stopped answering."""
        with psycopg.connect(self.url, autocommit=True) as session:
            pids = [row[0] for row in session.execute(_SESSIONS, (APP,))]
        with _stopped(pids):
            yield

    def wait_for_waiting(self, statements: int) -> None:
        """Return when so many statements of the server wait for a lock."""
        with psycopg.connect(self.url, autocommit=True) as session:

            def is_so() -> bool:
                row = session.execute(_WAITING, (APP,)).fetchone()
                return row is not None and row[0] == statements

            eventually(is_so, f"{statements} statements wait for a lock")


@contextmanager
def paused_redis(server: Neonpro) -> Iterator[None]:
    """Stop the Redis of `server` where it is until this ends."""
    started = psutil.Process(server.pid).children(recursive=True)
    with _stopped([process.pid for process in started if process.name() == "redis-server"]):
        yield


@contextmanager
def _stopped(pids: Sequence[int]) -> Iterator[None]:
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def administrator_of(server: Neonpro) -> Administrator:
    """Return the administrator of the database that `server` started."""
    return Administrator(server.superuser_url)
