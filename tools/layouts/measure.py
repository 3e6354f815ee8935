"""Fill a database with a layout, run the operations on it, and weigh what they leave behind."""

import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tools.bench.pgbench import Pgbench, run
from tools.layouts.cluster import Cluster
from tools.layouts.variants import (
    FILLER,
    OPERATIONS,
    RESOURCES,
    WITH_HISTORY,
    Variant,
    bench_sql,
    load_sql,
)

_SIZE = """
SELECT sum(pg_table_size(oid))::float8, sum(pg_indexes_size(oid))::float8
FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
_HOT = """
SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE n_tup_upd > 0 ORDER BY relname
"""
_WAL = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8"


@dataclass(frozen=True, slots=True)
class Store:
    """A database that holds one layout, and the folder of its pgbench scripts."""

    cluster: Cluster
    variant: Variant
    body_size: str
    scripts: Path

    @property
    def database(self) -> str:
        """Return the name of the database."""
        return f"{self.scripts.name}"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an operation; latencies in microseconds, write-ahead log in bytes per operation."""

    variant: str
    body_size: str
    operation: str
    rate: float
    p50: int
    p99: int
    wal: float


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What many updates leave behind: bytes per resource, share of HOT updates by table, vacuum's cost."""

    variant: str
    body_size: str
    wal: float
    table_before: float
    index_before: float
    table_after: float
    index_after: float
    hot: dict[str, float]
    vacuum_wal: float
    vacuum_seconds: float


def prepare(store: Store) -> None:
    """Create the database, fill it, and give the first WITH_HISTORY resources four more versions."""
    with _connect(store.cluster, "postgres") as connection:
        connection.execute(f'CREATE DATABASE "{store.database}"'.encode())
    with _connect(store.cluster, store.database) as connection:
        connection.execute(load_sql(store.variant, store.body_size).encode())
        connection.execute("SELECT setval(pg_get_serial_sequence('resource', 'rid'), %s)", [RESOURCES])
    store.scripts.mkdir()
    for operation in OPERATIONS:
        text = bench_sql(store.variant, store.body_size, operation)
        (store.scripts / f"{operation}.sql").write_text(text, encoding="utf-8")
    aging = bench_sql(store.variant, store.body_size, "update", among=WITH_HISTORY)
    (store.scripts / "age.sql").write_text(aging, encoding="utf-8")
    run_operation(store, "age", count=4 * WITH_HISTORY)
    _vacuum(store)


def run_operation(store: Store, operation: str, *, count: int, clients: int = 16) -> Run:
    """Run an operation `count` times right after a checkpoint, so that full page images are counted."""
    with _connect(store.cluster, store.database) as connection:
        connection.execute("CHECKPOINT")
        before = _wal(connection)
        script = ["-f", str(store.scripts / f"{operation}.sql"), "-D", f"body={FILLER}"]
        pgbench = Pgbench(store.cluster.programs / "pgbench", store.cluster.environment)
        done = run(pgbench, store.database, script, clients=clients, length=["-t", str(count // clients)])
        wal = (_wal(connection) - before) / done.count
    return Run(
        variant=store.variant.name,
        body_size=store.body_size,
        operation=operation,
        rate=done.rate,
        p50=done.p50,
        p99=done.p99,
        wal=wal,
    )


def run_upkeep(store: Store, *, updates: int) -> Upkeep:
    """Update random resources with a checkpoint half way, then vacuum; weigh all of it."""
    with _connect(store.cluster, store.database) as connection:
        connection.execute("SELECT pg_stat_reset()")
        table_before, index_before = _sizes(connection)
        halves = [run_operation(store, "update", count=updates // 2) for _ in range(2)]
        connection.execute("SELECT pg_stat_force_next_flush()")
        hot = {name: hot / all_ for name, all_, hot in connection.execute(_HOT).fetchall()}
        table_after, index_after = _sizes(connection)
        before, started = _wal(connection), time.monotonic()
        _vacuum(store)
        return Upkeep(
            variant=store.variant.name,
            body_size=store.body_size,
            wal=sum(half.wal for half in halves) / 2,
            table_before=table_before,
            index_before=index_before,
            table_after=table_after,
            index_after=index_after,
            hot=hot,
            vacuum_wal=(_wal(connection) - before) / updates,
            vacuum_seconds=time.monotonic() - started,
        )


def _connect(cluster: Cluster, database: str) -> psycopg.Connection:
    return psycopg.connect(cluster.dsn(database), autocommit=True)


def _vacuum(store: Store) -> None:
    with _connect(store.cluster, store.database) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _wal(connection: psycopg.Connection) -> float:
    row = connection.execute(_WAL).fetchone()
    assert row is not None, "the statement always answers one row"
    return float(row[0])


def _sizes(connection: psycopg.Connection) -> tuple[float, float]:
    row = connection.execute(_SIZE).fetchone()
    assert row is not None, "the statement always answers one row"
    return row[0] / RESOURCES, row[1] / RESOURCES
