"""Where and when a run was made: machine, commit, and how durable its database was."""

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tools.bench.server import ServerUnderTest

_SETTINGS = ("server_version", "fsync", "full_page_writes", "synchronous_commit", "data_checksums")


@dataclass(frozen=True, slots=True)
class Place:
    """When, from what and on what the run was made; `load_average` is that of the minute before it."""

    date: str
    commit: str
    machine: str
    load_average: float
    generator: str
    bodies: str
    database: Mapping[str, str]


def place_of(server: ServerUnderTest, *, load_average: float, generator: str, bodies: str) -> Place:
    """Describe this machine, this checkout and the server's database."""
    with server.connect() as connection:
        database = {}
        for name in _SETTINGS:
            row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            assert row is not None, "a setting always has a value"
            database[name] = str(row[0])
    return Place(
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        commit=_commit(),
        machine=_machine(),
        load_average=load_average,
        generator=generator,
        bodies=bodies,
        database=database,
    )


def _commit() -> str:
    """Return the short name of the commit, with a plus where the checkout differs from it."""
    folder = Path(__file__).resolve().parent

    def git(*arguments: str) -> str:
        found = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
        return found.stdout.strip()

    name = git("rev-parse", "--short=12", "HEAD")
    return f"{name or 'none yet'}{'+' if git('status', '--porcelain') else ''}"


def _machine() -> str:
    cores = psutil.cpu_count() or 0
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{_processor()}, {cores} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
