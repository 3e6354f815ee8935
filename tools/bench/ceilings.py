"""What the machine itself can do: pgbench on the server's own PostgreSQL, and bare ASGI applications."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fhir_server.core.settings import ServerSettings
from tools.bench.pgbench import Pgbench, Transactions, initialise, run
from tools.bench.server import Server, ServerUnderTest, free_port, running
from tools.layouts.cluster import programs_folder

_DATABASE = "ceilings"
_SCALE = 10

# pgbench's own simple update (-N), with the bytes of a resource in the row that it inserts.
# https://www.postgresql.org/docs/18/pgbench.html
_EQUAL_BYTES = """
\\set aid random(1, 100000 * :scale)
\\set bid random(1, 1 * :scale)
\\set tid random(1, 10 * :scale)
\\set delta random(-5000, 5000)
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
INSERT INTO equal_bytes (tid, bid, aid, delta, mtime, body)
VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP, :body);
END;
"""
_TABLE = """
CREATE TABLE equal_bytes (
    tid int, bid int, aid int, delta int, mtime timestamp, body text STORAGE EXTERNAL)
"""


class DatabaseCeilings:
    """pgbench's scripts in a database of their own beside the server's."""

    def __init__(self, server: ServerUnderTest, *, body_bytes: int, connections: int) -> None:
        credentials = server.database.credentials
        environment = {
            "PGHOST": str(server.database.sockets),
            "PGUSER": "postgres",
            "PGPASSWORD": credentials.superuser,
        }
        self._pgbench = Pgbench(programs_folder() / "pgbench", environment)
        self._body = "x" * body_bytes
        self._connections = connections
        with server.connect() as connection:
            connection.execute(f"CREATE DATABASE {_DATABASE}".encode())
        initialise(self._pgbench, _DATABASE, scale=_SCALE)
        with server.connect(_DATABASE) as connection:
            connection.execute(_TABLE)

    def select(self, seconds: float) -> Transactions:
        """Run `pgbench -S`: one select by primary key."""
        return self._run(["-S"], seconds)

    def simple_update(self, seconds: float) -> Transactions:
        """Run `pgbench -N`: an update, a select and an insert, durably."""
        return self._run(["-N"], seconds)

    def equal_bytes(self, seconds: float) -> Transactions:
        """Run `pgbench -N` with an insert that carries as many bytes as a resource."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(_EQUAL_BYTES)
            script.flush()
            return self._run(["-f", script.name, "-D", f"body={self._body}", "-D", f"scale={_SCALE}"], seconds)

    def _run(self, script: list[str], seconds: float) -> Transactions:
        length = ["-T", str(max(1, round(seconds)))]
        return run(self._pgbench, _DATABASE, script, clients=self._connections, length=length)


@contextmanager
def bare_application(name: str, server: ServerUnderTest, *, pool_size: int) -> Iterator[Server]:
    """Serve an application of `tools.bench.bare` as `neonpro serve` serves its own, with as many workers."""
    port = free_port()
    environment = {
        **os.environ,
        "BENCH_DATABASE_URL": server.database.superuser_url("neonpro"),
        "BENCH_POOL_SIZE": str(pool_size),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--loop", "uvloop", "--no-ws"]
    command += ["--workers", str(ServerSettings().workers), "--log-level", "warning"]
    command += ["--port", str(port), f"tools.bench.bare:{name}"]
    with running(command, port, environment, path="/") as bare:
        yield bare
