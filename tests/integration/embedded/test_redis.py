"""The embedded Redis, as it runs."""

import os
import stat
from pathlib import Path

import pytest
from redis import AuthenticationError, Redis

from fhir_server.core.errors import StartRefused
from fhir_server.storage.embedded.data_directory import DataDirectory, open_data_directory
from fhir_server.storage.embedded.process import command_line
from fhir_server.storage.embedded.redis import EmbeddedRedis, start_redis


def test_it_listens_on_a_socket_of_its_owner_alone_and_asks_for_the_password(
    redis_server: EmbeddedRedis, servers_directory: DataDirectory
) -> None:
    assert stat.S_IMODE(redis_server.socket.stat().st_mode) == 0o700
    with Redis.from_url(redis_server.url) as client:
        assert client.config_get("port") == {"port": "0"}
    with Redis(unix_socket_path=str(redis_server.socket)) as client, pytest.raises(AuthenticationError):
        client.ping()
    shown = repr(redis_server) + " ".join(command_line(redis_server.process.pid))
    assert servers_directory.credentials.redis not in shown
    assert os.stat(f"/proc/{redis_server.process.pid}").st_uid != 0


def test_what_is_stored_outlives_a_restart_and_a_server_left_behind_is_replaced(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        left = start_redis(directory)
        with Redis.from_url(left.url) as client:
            client.set("session", "1")
        server = start_redis(directory)
        try:
            assert left.process.wait(10) == 0
            with Redis.from_url(server.url) as client:
                assert client.get("session") == b"1"
        finally:
            server.stop()
        assert not server.is_running()
        assert list((new_folder / "run").iterdir()) == []


def test_damaged_data_is_told_in_one_line_and_left_alone(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        start_redis(directory).stop()
        store = new_folder / "redis" / "appendonly.aof"
        store.write_bytes(b"this is no protocol\n")
        with pytest.raises(StartRefused, match=r"^Redis does not start.*redis\.log tells more\.$"):
            start_redis(directory)
        assert store.read_bytes() == b"this is no protocol\n"
