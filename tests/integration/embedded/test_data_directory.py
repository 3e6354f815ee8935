"""The data directory: its lock, its format, its credentials and where its sockets lie."""

import json
import os
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from fhir_server import __version__
from fhir_server.core.errors import StartRefused
from fhir_server.storage.embedded.data_directory import FORMAT, open_data_directory, sockets_folder
from fhir_server.storage.embedded.postgresql import running_postgresql, start_postgresql
from fhir_server.storage.embedded.postgresql_address import PostgresqlAddress
from fhir_server.storage.embedded.redis import start_redis


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_directory_records_its_format_and_keeps_everything_to_its_owner(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        assert json.loads((new_folder / "neonpro.json").read_text()) == {
            "format": FORMAT,
            "release": __version__,
        }
        assert _mode(new_folder) & 0o007 == 0
        assert _mode(new_folder / "credentials.json") == 0o600
        assert _mode(new_folder / "log") == _mode(directory.sockets) == 0o700


def test_permissions_do_not_depend_on_the_umask_of_the_user(new_folder: Path) -> None:
    before = os.umask(0o077)
    try:
        with open_data_directory(new_folder) as directory:
            start_postgresql(directory).stop()
    finally:
        os.umask(before)


def test_the_lock_names_its_holder_and_is_free_after_it(new_folder: Path) -> None:
    with (
        open_data_directory(new_folder),
        pytest.raises(StartRefused, match=rf"^Another server \(process {os.getpid()} on .+\) uses"),
        open_data_directory(new_folder),
    ):
        pass
    with open_data_directory(new_folder) as directory:
        assert directory.path == new_folder


def test_credentials_stay_the_same(new_folder: Path) -> None:
    with open_data_directory(new_folder) as first:
        pass
    with open_data_directory(new_folder) as second:
        assert first.credentials == second.credentials
    assert first.credentials.app not in repr(first)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"superuser": "a"}'])
def test_damaged_credentials_are_refused_and_not_made_anew(new_folder: Path, content: str) -> None:
    with open_data_directory(new_folder):
        pass
    file = new_folder / "credentials.json"
    file.write_text(content)
    with pytest.raises(StartRefused, match=r"credentials\.json is damaged"), open_data_directory(new_folder):
        pass
    assert file.read_text() == content


def test_credentials_that_were_lost_are_not_made_anew_beside_data(new_folder: Path) -> None:
    with open_data_directory(new_folder):
        (new_folder / "postgresql").mkdir()
    (new_folder / "credentials.json").unlink()
    with pytest.raises(StartRefused, match=r"credentials\.json is missing"), open_data_directory(new_folder):
        pass


@pytest.mark.parametrize("record", ["", "null", '{"format": "x", "release": "1"}'])
def test_a_damaged_record_is_refused(new_folder: Path, record: str) -> None:
    with open_data_directory(new_folder):
        pass
    (new_folder / "neonpro.json").write_text(record)
    with pytest.raises(StartRefused, match=r"neonpro\.json is damaged"), open_data_directory(new_folder):
        pass


def test_an_older_release_of_the_same_format_is_taken_over(new_folder: Path) -> None:
    with open_data_directory(new_folder):
        pass
    (new_folder / "neonpro.json").write_text(json.dumps({"format": FORMAT, "release": "0.0.1"}))
    with open_data_directory(new_folder):
        assert json.loads((new_folder / "neonpro.json").read_text())["release"] == __version__


def test_a_folder_for_sockets_that_others_can_enter_is_refused(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        sockets = directory.sockets
    sockets.chmod(0o755)
    with pytest.raises(StartRefused, match="only the servers' user can enter"), open_data_directory(new_folder):
        pass


def test_servers_run_below_a_path_that_is_too_long_for_sockets(new_folder: Path) -> None:
    path = new_folder / ("x" * 100)
    new_folder.mkdir(mode=0o755)
    with open_data_directory(path) as directory:
        assert directory.sockets == sockets_folder(path)
        assert not directory.sockets.is_relative_to(path)
        assert _mode(directory.sockets) == 0o700
        try:
            server = start_postgresql(directory)
            psycopg.connect(server.app_url).close()
            assert running_postgresql(path) == PostgresqlAddress(directory.sockets, directory.credentials)
            server.stop()
            start_redis(directory).stop()
        finally:
            directory.sockets.rmdir()


def test_there_is_no_running_postgresql_where_there_is_no_data(new_folder: Path) -> None:
    assert running_postgresql(new_folder) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands its servers to another user")
def test_root_is_told_when_the_servers_user_cannot_reach_the_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with (
        pytest.raises(StartRefused, match="who runs PostgreSQL, cannot enter"),
        open_data_directory(closed / "data"),
    ):
        pass
    assert _mode(closed) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(new_folder: Path) -> None:
    new_folder.mkdir(mode=0o755)
    subprocess.run(["chown", "nobody", str(new_folder)], check=True)
    with pytest.raises(StartRefused, match="belongs to another user"), open_data_directory(new_folder):
        pass
