"""The embedded PostgreSQL, as it runs."""

import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from fhir_server.core.errors import StartRefused
from fhir_server.storage.embedded.credentials import Credentials
from fhir_server.storage.embedded.data_directory import DataDirectory, open_data_directory
from fhir_server.storage.embedded.postgresql import EmbeddedPostgresql, start_postgresql
from fhir_server.storage.embedded.process import command_line, wait_until
from tests.plugins.servers import Database


def _setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data_checksums", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("listen_addresses", ""),
        ("password_encryption", "scram-sha-256"),
        ("jit", "off"),
        ("log_min_messages", "log"),
        ("log_parameter_max_length_on_error", "0"),
        ("server_encoding", "UTF8"),
    ],
)
def test_the_server_is_set_to_be_durable_closed_and_quiet(
    postgresql_server: EmbeddedPostgresql, name: str, value: str
) -> None:
    assert _setting(postgresql_server.superuser_url, name) == value


def test_only_the_owner_enters_the_folder_of_the_sockets(postgresql_server: EmbeddedPostgresql) -> None:
    sockets = Path(parse_qs(urlsplit(postgresql_server.app_url).query)["host"][0])
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700


def test_a_login_without_the_password_is_refused(postgresql_server: EmbeddedPostgresql) -> None:
    address = postgresql_server.address
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(host=str(address.sockets), user="postgres", password="guess", dbname="postgres")


def test_the_application_may_not_create_anything(database: Database) -> None:
    for statement in ("CREATE TABLE public.t ()", "CREATE SCHEMA s", "CREATE ROLE r", "CREATE DATABASE d"):
        with (
            psycopg.connect(database.app_url, autocommit=True) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_the_migration_role_owns_the_database_and_is_no_superuser(database: Database) -> None:
    with psycopg.connect(database.migration_url) as connection:
        connection.execute("CREATE SCHEMA more")
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    assert row == (False,)


def test_postgresql_never_runs_as_root(postgresql_server: EmbeddedPostgresql) -> None:
    assert os.stat(f"/proc/{postgresql_server.pid}").st_uid != 0


def test_passwords_show_in_no_representation_and_no_command_line(
    postgresql_server: EmbeddedPostgresql, servers_directory: DataDirectory
) -> None:
    credentials = servers_directory.credentials
    shown = repr(postgresql_server) + repr(servers_directory) + " ".join(command_line(postgresql_server.pid))
    assert not any(password in shown for password in (credentials.superuser, credentials.migrate, credentials.app))


def test_values_do_not_reach_the_log(database: Database, servers_directory: DataDirectory) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT 'Joaquina-Xavante'::int")
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute('SELECT 1 / 0 AS "Joaquina-Xavante"')
    assert "Xavante" not in (servers_directory.logs / "postgresql.log").read_text()


def test_what_is_committed_outlives_a_restart_and_a_kill_of_the_postmaster(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        server = start_postgresql(directory)
        with psycopg.connect(server.migration_url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA s")
            connection.execute("CREATE TABLE s.t AS SELECT 1 AS n")
            server.process.kill()
            server.process.wait()
        assert (new_folder / "postgresql" / "postmaster.pid").exists()

        server = start_postgresql(directory)
        with psycopg.connect(server.migration_url) as connection:
            assert connection.execute("SELECT n FROM s.t").fetchone() == (1,)
        server.stop()
        assert not (new_folder / "postgresql" / "postmaster.pid").exists()


def test_a_server_left_behind_is_stopped_cleanly_and_replaced(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        left = start_postgresql(directory)
        with psycopg.connect(left.migration_url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA s")
            server = start_postgresql(directory)
        try:
            assert left.process.wait(10) == 0
            with psycopg.connect(server.migration_url) as connection:
                found = connection.execute("SELECT to_regnamespace('s') IS NOT NULL").fetchone()
            assert found == (True,)
        finally:
            server.stop()


def test_a_pid_file_that_names_another_process_is_stale(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        start_postgresql(directory).stop()
        other = subprocess.Popen(["sleep", "60"], user=directory.user.uid if directory.user else None)
        try:
            (new_folder / "postgresql" / "postmaster.pid").write_text(f"{other.pid}\n{new_folder}\n")
            start_postgresql(directory).stop()
            assert other.poll() is None
        finally:
            other.kill()
            other.wait()


def test_data_of_another_major_version_is_refused_and_left_alone(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        start_postgresql(directory).stop()
        version = new_folder / "postgresql" / "PG_VERSION"
        version.write_text("19\n")
        with pytest.raises(StartRefused, match="was written by PostgreSQL 19; this release runs PostgreSQL 18"):
            start_postgresql(directory)
        assert version.read_text() == "19\n"


def test_an_initialisation_by_half_is_repeated(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        unfinished = new_folder / "postgresql.new"
        unfinished.mkdir()
        (unfinished / "PG_VERSION").write_text("18\n")
        server = start_postgresql(directory)
        server.stop()
        assert not unfinished.exists()


def test_passwords_that_do_not_fit_the_data_are_refused(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        start_postgresql(directory).stop()
    other = asdict(Credentials())
    (new_folder / "credentials.json").write_text(json.dumps(other))
    with (
        open_data_directory(new_folder) as directory,
        pytest.raises(StartRefused, match=r"credentials\.json does not fit the data"),
    ):
        start_postgresql(directory)


def test_a_server_that_cannot_start_tells_why_in_one_line(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        with pytest.raises(StartRefused, match=r"PostgreSQL does not start: .* contains errors") as refused:
            start_postgresql(directory, settings={"max_connections": "many"})
        assert "\n" not in str(refused.value)


def test_the_server_stops_cleanly_when_the_process_that_started_it_is_killed(new_folder: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from fhir_server.storage.embedded.data_directory import open_data_directory\n"
        "from fhir_server.storage.embedded.postgresql import start_postgresql\n"
        "with open_data_directory(pathlib.Path(sys.argv[1])) as directory:\n"
        "    print(start_postgresql(directory).pid, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(new_folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not command_line(pid), 30)
    assert not (new_folder / "postgresql" / "postmaster.pid").exists()
    assert "database system is shut down" in (new_folder / "log" / "postgresql.log").read_text()
