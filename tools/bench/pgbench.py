"""Run pgbench and read its per-transaction log, for rates with exact percentiles."""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pgbench:
    """Where pgbench lies and how it reaches the server (`PGHOST`, `PGUSER`, ...)."""

    binary: Path
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Transactions:
    """What one run of pgbench achieved: transactions per second and latencies in microseconds."""

    rate: float
    p50: int
    p99: int
    count: int


class PgbenchError(Exception):
    """pgbench could not run, or a client of it was aborted; the message is its error output."""


def initialise(pgbench: Pgbench, database: str, *, scale: int) -> None:
    """Create pgbench's own tables in a database.

    Raises PgbenchError with what pgbench said.
    """
    _call(pgbench, ["-i", "-q", "-s", str(scale), database])


def run(pgbench: Pgbench, database: str, script: Sequence[str], *, clients: int, length: Sequence[str]) -> Transactions:
    """Run a script (`["-S"]`, `["-f", path, ...]`) with prepared statements and return what it achieved.

    `length` is pgbench's own: `["-T", seconds]` or `["-t", transactions of each client]`.
    Raises PgbenchError where any client failed.
    """
    with tempfile.TemporaryDirectory(prefix="pgbench-") as folder:
        logs = f"{folder}/log"
        threads = str(min(clients, 2))
        options = ["-n", "-M", "prepared", "-c", str(clients), "-j", threads, "-l", f"--log-prefix={logs}"]
        output = _call(pgbench, [*options, *length, *script, database])
        latencies = sorted(
            int(line.split()[2])
            for log in Path(folder).iterdir()
            for line in log.read_text(encoding="ascii").splitlines()
        )
    rate = next(float(line.split()[2]) for line in output.splitlines() if line.startswith("tps"))
    count = len(latencies)
    return Transactions(
        rate=rate, p50=latencies[count // 2], p99=latencies[min(count - 1, count * 99 // 100)], count=count
    )


def _call(pgbench: Pgbench, arguments: Sequence[str]) -> str:
    process = subprocess.run(
        [str(pgbench.binary), *arguments],
        env={**os.environ, **pgbench.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode != 0 or "aborted" in process.stderr:
        raise PgbenchError(process.stderr[-2000:])
    return process.stdout
