"""The server under test: the process that `neonpro serve` starts, on a fresh data directory."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from fhir_server.storage.embedded.credentials import load_credentials
from fhir_server.storage.embedded.data_directory import sockets_folder
from fhir_server.storage.embedded.postgresql_address import PostgresqlAddress

_SECONDS_TO_START = 120.0
_SECONDS_TO_STOP = 60.0


class BenchError(Exception):
    """The benchmark could not run; the message is one sentence for whoever started it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A process that answers on a port of 127.0.0.1."""

    port: int
    process: psutil.Process


@dataclass(frozen=True, slots=True)
class ServerUnderTest(Server):
    """`neonpro serve`, and its database."""

    database: PostgresqlAddress

    def connect(self, database: str | None = None) -> psycopg.Connection:
        """Connect to a database of the server's PostgreSQL as its superuser, in autocommit."""
        url = self.database.superuser_url(database or "neonpro")
        return psycopg.connect(url, autocommit=True)


@contextmanager
def server_under_test() -> Iterator[ServerUnderTest]:
    """Start the server with its default settings on a new data directory, and remove all of it at the end.

    Raises BenchError where it does not start.
    """
    root = Path(tempfile.mkdtemp(prefix="neonpro-bench-"))
    root.chmod(0o755)
    data = root / "data"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEONPRO_")}
    environment |= {"NEONPRO_DATA_DIR": str(data)}
    try:
        port = free_port()
        command = [sys.executable, "-m", "fhir_server", "serve"]
        with running(command, port, environment | {"NEONPRO_PORT": str(port)}, path="/readyz") as server:
            address = PostgresqlAddress(sockets_folder(data), load_credentials(data, may_create=False))
            yield ServerUnderTest(server.port, server.process, address)
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def running(command: Sequence[str], port: int, environment: Mapping[str, str], *, path: str) -> Iterator[Server]:
    """Start a command that answers `path` on a port, and stop it at the end.

    Raises BenchError with the end of what it wrote where it does not answer.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + _SECONDS_TO_START
            while not _answers(port, path):
                if process.poll() is not None or time.monotonic() > deadline:
                    output.seek(0)
                    raise BenchError(f"{command[-1]} did not start: {output.read().decode()[-2000:]}")
                time.sleep(0.05)
            yield Server(port, psutil.Process(process.pid))
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
