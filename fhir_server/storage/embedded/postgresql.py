"""The embedded PostgreSQL: made on the first start, taken over after a crash, stopped in order."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from fhir_server.core.errors import StartRefused
from fhir_server.storage.embedded.credentials import load_credentials
from fhir_server.storage.embedded.data_directory import DataDirectory, make_folder, sockets_folder
from fhir_server.storage.embedded.failures import disk_full, os_errors_refuse, refuse_without_room
from fhir_server.storage.embedded.files import sync_folder, write_durably
from fhir_server.storage.embedded.postgresql_address import PostgresqlAddress
from fhir_server.storage.embedded.postgresql_roles import SUPERUSER, has_database, make_database
from fhir_server.storage.embedded.postgresql_settings import (
    configuration_file,
    postgresql_settings,
    usable_memory,
)
from fhir_server.storage.embedded.process import is_left_over, spawn, stop, stop_left_over
from fhir_server.storage.embedded.programs import POSTGRESQL_MAJOR, postgresql_programs
from fhir_server.storage.embedded.server_log import ServerLog

# https://www.postgresql.org/docs/18/server-shutdown.html
_FAST_SHUTDOWN = signal.SIGINT
_IMMEDIATE_SHUTDOWN = signal.SIGQUIT
_SECONDS_TO_STOP = 60.0
# A start after a crash replays the write-ahead log first.
_SECONDS_TO_START = 600.0
_SECONDS_FOR_ORPHANS = 30.0
_PAUSE = 0.02
# An empty cluster takes half of it, and a server that fills the disk at once is of no use.
_FIRST_ROOM = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class EmbeddedPostgresql:
    """A running PostgreSQL that listens on a Unix socket alone."""

    address: PostgresqlAddress
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def app_url(self) -> str:
        """The URL for the role that reads and writes rows."""
        return self.address.app_url()

    @property
    def migration_url(self) -> str:
        """The URL for the role that owns the schema."""
        return self.address.migration_url()

    @property
    def superuser_url(self) -> str:
        """The URL for the superuser, in the maintenance database."""
        return self.address.superuser_url()

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return self.process.pid

    def is_running(self) -> bool:
        """Tell whether the postmaster runs."""
        return self.process.poll() is None

    def stop(self) -> None:
        """Stop the server: sessions are ended, and what is committed is on disk when this returns."""
        stop(self.process, [(_FAST_SHUTDOWN, _SECONDS_TO_STOP), (_IMMEDIATE_SHUTDOWN, _SECONDS_TO_STOP)])


def start_postgresql(
    directory: DataDirectory, *, connections: int = 100, settings: Mapping[str, str] | None = None
) -> EmbeddedPostgresql:
    """Start the PostgreSQL of `directory` for this many connections and return it, ready.

    `settings` go before our own choice. A server that a killed process left behind is stopped first. Raises
    `StartRefused` where another major version wrote the data, the disk is full, or the server does not start.
    """
    data = directory.path / "postgresql"
    programs = postgresql_programs(directory)
    with os_errors_refuse(directory.path):
        _end_left_over(data)
        _forget_sockets(directory.sockets)
        if not data.exists():
            _initialise(directory, programs, data)
        _refuse_other_major(data)
        configuration = _configure(directory, connections, settings or {})
    command = [str(programs / "postgres"), "-D", str(data), "-c", f"config_file={configuration}"]
    orphans_until = time.monotonic() + _SECONDS_FOR_ORPHANS
    while True:
        log = ServerLog(directory.logs / "postgresql.log")
        with os_errors_refuse(directory.path):
            log.start()
            process = spawn(
                command,
                user=directory.user,
                folder=directory.sockets,
                log=log.path,
                # Should this process die, a clean shutdown follows, and nothing is left to be taken over.
                end_with_parent=_FAST_SHUTDOWN,
            )
        server = EmbeddedPostgresql(PostgresqlAddress(directory.sockets, directory.credentials), process)
        with _stopped_on_failure(server), os_errors_refuse(directory.path):
            if _becomes_ready(server, directory):
                return server
        if not log.tells("pre-existing shared memory block") or time.monotonic() > orphans_until:
            raise log.refusal("PostgreSQL", directory.path)
        # The last sessions of a killed server end by themselves as soon as they notice.
        time.sleep(_PAUSE * 10)


def running_postgresql(path: Path) -> PostgresqlAddress | None:
    """Return where the PostgreSQL of the data directory at `path` answers now, or None where it does not."""
    if not (path / "credentials.json").exists():
        return None
    path = path.resolve()
    with os_errors_refuse(path):
        address = PostgresqlAddress(sockets_folder(path), load_credentials(path, may_create=False))
    try:
        psycopg.connect(address.app_url(), connect_timeout=5).close()
    except psycopg.OperationalError:
        return None
    return address


def _end_left_over(data: Path) -> None:
    """Stop a server that outlived its supervisor, and remove a pid file that names no server of ours."""
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    ours = str(data)
    for number in (_FAST_SHUTDOWN, _IMMEDIATE_SHUTDOWN):
        if stop_left_over(pid, shows=ours, number=number, seconds=_SECONDS_TO_STOP):
            break
    if is_left_over(pid, ours):
        raise StartRefused(f"PostgreSQL (process {pid}), left behind by a killed server, does not stop.")
    # We hold the lock of the data directory, and PostgreSQL itself refuses to share memory with orphans.
    pid_file.unlink(missing_ok=True)


def _forget_sockets(sockets: Path) -> None:
    """Remove the socket's lock, which came along with a copied data directory or stayed after a crash.

    PostgreSQL would not start if any process of its user now had the number that the lock names.
    """
    for lock in sockets.glob(".s.PGSQL.*.lock"):
        lock.unlink()


def _initialise(directory: DataDirectory, programs: Path, data: Path) -> None:
    """Make the cluster; it gets its name last, so that one made by half is made again."""
    unfinished = data.with_name(f"{data.name}.new")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    refuse_without_room(directory.path, _FIRST_ROOM)
    make_folder(unfinished, directory.user)
    log = ServerLog(directory.logs / "initdb.log")
    log.start()
    with _password_file(directory) as password_file:
        command = [
            str(programs / "initdb"),
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--data-checksums",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        made = spawn(
            command,
            user=directory.user,
            folder=directory.sockets,
            log=log.path,
            end_with_parent=signal.SIGTERM,
        ).wait()
    if made != 0:
        shutil.rmtree(unfinished)
        raise log.refusal("initdb", directory.path)
    unfinished.rename(data)
    sync_folder(directory.path)


@contextmanager
def _password_file(directory: DataDirectory) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(dir=directory.sockets)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w") as file:
            if directory.user:
                os.fchown(descriptor, directory.user.uid, directory.user.gid)
            file.write(directory.credentials.superuser)
        yield path
    finally:
        path.unlink()


def _refuse_other_major(data: Path) -> None:
    major = (data / "PG_VERSION").read_text().strip()
    if major != str(POSTGRESQL_MAJOR):
        raise StartRefused(
            f"The data in {data} was written by PostgreSQL {major}; this release runs PostgreSQL {POSTGRESQL_MAJOR}."
        )


def _configure(directory: DataDirectory, connections: int, settings: Mapping[str, str]) -> Path:
    path = directory.path / "postgresql.conf"
    ours = postgresql_settings(sockets=directory.sockets, connections=connections, memory=usable_memory())
    text = configuration_file({**ours, **settings})
    if not path.exists() or path.read_text() != text:
        write_durably(path, text, mode=0o644)
    return path


@contextmanager
def _stopped_on_failure(server: EmbeddedPostgresql) -> Iterator[None]:
    try:
        yield
    except BaseException:
        server.stop()
        raise


def _becomes_ready(server: EmbeddedPostgresql, directory: DataDirectory) -> bool:
    """Wait until the server takes connections and has our database; return False when it ended instead."""
    deadline = time.monotonic() + _SECONDS_TO_START
    while server.is_running():
        try:
            _prepare(server, directory)
        except psycopg.errors.DiskFull as failure:
            raise disk_full(directory.path) from failure
        except psycopg.OperationalError as failure:
            if "authentication failed" in str(failure):
                raise StartRefused(
                    f"{directory.path / 'credentials.json'} does not fit the data; restore it from a backup."
                ) from failure
            if time.monotonic() > deadline:
                raise StartRefused(f"PostgreSQL in {directory.path} takes too long to start.") from failure
            time.sleep(_PAUSE)
        else:
            return True
    return False


def _prepare(server: EmbeddedPostgresql, directory: DataDirectory) -> None:
    with psycopg.connect(server.superuser_url, autocommit=True, connect_timeout=10) as superuser:
        if not has_database(superuser):
            make_database(superuser, directory.credentials)
