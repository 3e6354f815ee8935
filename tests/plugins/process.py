"""The process that `neonpro serve` starts, on a data directory and a port of its own; a test pays seconds."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fhir_server.command_line.watch import is_ready
from fhir_server.storage.embedded.postgresql import running_postgresql
from fhir_server.storage.embedded.postgresql_roles import DATABASE
from tests.plugins.servers import temporary_folder

_SECONDS_TO_START = 120.0
_SECONDS_TO_STOP = 60.0


@dataclass(slots=True)
class Neonpro:
    """A running `neonpro serve`; what it printed is in `log`."""

    data: Path
    port: int
    log: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`"""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """The base URL of FHIR."""
        return f"{self.origin}/fhir"

    @property
    def pid(self) -> int:
        """The process id of the main process."""
        return self.process.pid

    @property
    def superuser_url(self) -> str:
        """The URL of the embedded PostgreSQL's superuser, in the server's own database."""
        address = running_postgresql(self.data)
        assert address is not None, "the embedded PostgreSQL does not answer"
        return address.superuser_url(DATABASE)

    def wait_until_ready(self) -> None:
        """Return when `/readyz` answers 200; fail the test when the process ends first or takes too long."""
        deadline = time.monotonic() + _SECONDS_TO_START
        while not is_ready("127.0.0.1", self.port):
            if self.process.poll() is not None:
                pytest.fail(f"neonpro serve ended with {self.process.returncode}: {self.log.read_text()}")
            if time.monotonic() > deadline:
                pytest.fail(f"neonpro serve is not ready: {self.log.read_text()}")
            time.sleep(0.05)

    def stop(self) -> int:
        """Ask the server to stop and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_SECONDS_TO_STOP)

    def kill(self) -> None:
        """Kill the main process as a crash would."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start_neonpro(new_folder: Path) -> Iterator[Callable[..., Neonpro]]:
    """Yield a function that starts `neonpro serve` and returns it when it is ready.

    Its arguments are settings without their prefix, for example `start_neonpro(PORT="8001")`. All servers of a
    test use one data directory unless told otherwise; all are gone after it.
    """
    with ExitStack() as stack:

        def start(**settings: str) -> Neonpro:
            return stack.enter_context(running_neonpro(new_folder, **settings))

        yield start


@contextmanager
def running_neonpro(folder: Path, **settings: str) -> Iterator[Neonpro]:
    """Start `neonpro serve` on `folder` with settings given without their prefix, yield it ready, end it."""
    port = int(settings.setdefault("PORT", str(free_port())))
    data = Path(settings.setdefault("DATA_DIR", str(folder)))
    log = folder.with_name(f"{folder.name}-{port}.log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fhir_server", "serve"],
            env=environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Neonpro(data, port, log, process)
    try:
        server.wait_until_ready()
        yield server
    finally:
        _end(process)
        log.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def shared_neonpro() -> Iterator[Neonpro]:
    """Yield one server with default settings for the session; its tests write under ids of their own."""
    with temporary_folder() as folder, running_neonpro(folder) as server:
        yield server


@pytest.fixture(scope="session")
def tuned_neonpro() -> Iterator[Neonpro]:
    """Yield one server for the session on which the settings that show in answers differ from the defaults."""
    settings = {
        "UPDATE_CREATE": "false",
        "VERSIONED_UPDATE": "Encounter",
        "CORS_ORIGINS": "https://app.example.org",
        "TRUST_FORWARDED": "true",
        "MAX_BODY_BYTES": "20000",
        "MAX_JSON_DEPTH": "20",
        "MAX_NUMBER_CHARACTERS": "30",
        "DEFAULT_PAGE_SIZE": "2",
        "MAX_PAGE_SIZE": "3",
        "METRICS": "false",
    }
    with temporary_folder() as folder, running_neonpro(folder, **settings) as server:
        yield server


@pytest.fixture(scope="session")
def narrow_neonpro() -> Iterator[Neonpro]:
    """Yield one server for the session with one database connection, a queue of one and short patience.

    Every statement counts as slow. Its tests take it through overload and faults, and leave it whole.
    """
    settings = {
        "POOL_SIZE": "1",
        "POOL_QUEUE": "1",
        "POOL_WAIT_SECONDS": "3",
        "BASE_URL": "https://clinic.example.org/fhir/",
        "REQUEST_DEADLINE_SECONDS": "5",
        "SLOW_STATEMENT_MS": "1",
    }
    with temporary_folder() as folder, running_neonpro(folder, **settings) as server:
        yield server


@pytest.fixture
def neonpro(start_neonpro: Callable[..., Neonpro]) -> Neonpro:
    """Return a server with default settings, ready."""
    return start_neonpro()


def run_neonpro(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of `neonpro` with settings given without their prefix, and return what came of it."""
    return subprocess.run(
        [sys.executable, "-m", "fhir_server", *arguments],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=_SECONDS_TO_START,
        check=False,
    )


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with these settings and no others, but for one worker instead of two.

    One worker starts sooner, and limits per worker are then those of the server; some tests ask for two.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NEONPRO_")}
    return inherited | {f"NEONPRO_{name}": value for name, value in {"WORKERS": "1", **settings}.items()}


def free_port() -> int:
    """Return a port on which nothing listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
