"""The embedded Redis: sessions and caches, on a Unix socket with a password."""

import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from redis import Redis, RedisError

from fhir_server.core.errors import StartRefused
from fhir_server.storage.embedded.credentials import Credentials
from fhir_server.storage.embedded.data_directory import DataDirectory
from fhir_server.storage.embedded.failures import os_errors_refuse
from fhir_server.storage.embedded.process import is_left_over, spawn, stop, stop_left_over
from fhir_server.storage.embedded.programs import redis_program
from fhir_server.storage.embedded.server_log import ServerLog

_SECONDS_TO_STOP = 20.0
_SECONDS_TO_START = 60.0
_PAUSE = 0.01


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """A running Redis that listens on a Unix socket alone; its URL holds the password and is never shown."""

    socket: Path
    credentials: Credentials = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def url(self) -> str:
        """The URL for clients."""
        return f"unix://:{quote(self.credentials.redis, safe='')}@{quote(str(self.socket))}?db=0"

    def is_running(self) -> bool:
        """Tell whether the server runs."""
        return self.process.poll() is None

    def stop(self) -> None:
        """Stop the server after it wrote what it holds."""
        stop(self.process, [(signal.SIGTERM, _SECONDS_TO_STOP), (signal.SIGKILL, _SECONDS_TO_STOP)])


def start_redis(directory: DataDirectory) -> EmbeddedRedis:
    """Start the Redis of `directory` and return it, ready.

    A server that a killed process left behind is stopped first.
    Raises `StartRefused` where it does not start.
    """
    program = redis_program(directory)
    socket = directory.sockets / "redis.sock"
    log = ServerLog(directory.logs / "redis.log")
    with os_errors_refuse(directory.path):
        data = directory.folder("redis")
        _end_left_over(data / "redis.pid", socket)
        log.start()
        process = spawn(
            # The path on the command line is what a left-over server is known by.
            [str(program), "-", "--unixsocket", str(socket)],
            user=directory.user,
            folder=data,
            log=log.path,
            end_with_parent=signal.SIGTERM,
            feed=_configuration(data, directory.credentials.redis).encode(),
        )
    server = EmbeddedRedis(socket, directory.credentials, process)
    try:
        if _becomes_ready(server):
            return server
    except BaseException:
        server.stop()
        raise
    server.stop()
    raise log.refusal("Redis", directory.path)


def _configuration(data: Path, password: str) -> str:
    # It is fed through a pipe, so that the password lies in no file and on no command line.
    return "\n".join(
        (
            "port 0",
            "unixsocketperm 700",
            f'requirepass "{password}"',
            f'dir "{data}"',
            f'pidfile "{data / "redis.pid"}"',
            "set-proc-title no",
            "daemonize no",
            "loglevel notice",
            'save ""',
            "appendonly yes",
            "appendfsync everysec",
            "maxmemory-policy noeviction",
            "",
        )
    )


def _end_left_over(pid_file: Path, socket: Path) -> None:
    try:
        pid = int(pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        if stop_left_over(pid, shows=str(socket), number=number, seconds=_SECONDS_TO_STOP):
            break
    if is_left_over(pid, str(socket)):
        raise StartRefused(f"Redis (process {pid}), left behind by a killed server, does not stop.")
    pid_file.unlink(missing_ok=True)


def _becomes_ready(server: EmbeddedRedis) -> bool:
    deadline = time.monotonic() + _SECONDS_TO_START
    while server.is_running() and time.monotonic() < deadline:
        client = Redis.from_url(server.url, socket_timeout=5)
        try:
            client.ping()
        except (RedisError, OSError):
            time.sleep(_PAUSE)
        else:
            return True
        finally:
            client.close()
    return False
