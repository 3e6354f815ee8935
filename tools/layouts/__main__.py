"""Measure the storage layouts: `python -m tools.layouts [--rounds 3] [--count 16000] [--updates 200000]`.

The layouts take turns within each round, because neighbours on the machine disturb long blocks; the table
shows medians. It takes about half an hour for all layouts and two sizes of bodies.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from tools.layouts.cluster import Cluster, running_cluster
from tools.layouts.measure import Run, Store, Upkeep, prepare, run_operation, run_upkeep
from tools.layouts.variants import BODY_SIZES, OPERATIONS, VARIANTS


def main() -> None:
    """Run the measurement, print the tables, and write every run to `--json` as one JSON object a line."""
    parser = argparse.ArgumentParser(prog="python -m tools.layouts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=16_000, help="operations in a run")
    parser.add_argument("--updates", type=int, default=200_000, help="updates before the final weighing")
    parser.add_argument("--body", choices=BODY_SIZES, action="append", help="size of bodies, default: both")
    parser.add_argument("--json", type=Path, help="where every run is written")
    options = parser.parse_args()
    runs: list[Run] = []
    upkeep: list[Upkeep] = []
    with running_cluster() as cluster, tempfile.TemporaryDirectory(prefix="scripts-") as folder:
        for body_size in options.body or list(BODY_SIZES):
            stores = list(_stores(cluster, body_size, Path(folder)))
            for _ in range(options.rounds):
                runs += _round(stores, options.count)
            upkeep += [run_upkeep(store, updates=options.updates) for store in stores]
            if options.json:
                facts = [*map(asdict, runs), *map(asdict, upkeep)]
                lines = "".join(json.dumps(fact) + "\n" for fact in facts)
                options.json.write_text(lines, encoding="utf-8")
    console = Console(width=160)
    console.print(_operations_table(runs))
    console.print(_upkeep_table(upkeep))


def _stores(cluster: Cluster, body_size: str, folder: Path) -> Iterator[Store]:
    for number, variant in enumerate(VARIANTS):
        store = Store(cluster, variant, body_size, folder / f"layout_{number}_{body_size}")
        prepare(store)
        yield store


def _round(stores: list[Store], count: int) -> list[Run]:
    few = {"feed": count // 8}
    return [
        run_operation(store, operation, count=few.get(operation, count)) for operation in OPERATIONS for store in stores
    ]


def _operations_table(runs: list[Run]) -> Table:
    table = Table("layout", "body", "operation", "rate/s", "p50 ms", "p99 ms", "WAL bytes")
    ordered = sorted(runs, key=lambda run: (run.body_size, OPERATIONS.index(run.operation), run.variant))
    for key, group in groupby(ordered, key=lambda run: (run.variant, run.body_size, run.operation)):
        same = list(group)
        middle = (
            f"{median(run.rate for run in same):,.0f}",
            f"{median(run.p50 for run in same) / 1000:.1f}",
            f"{median(run.p99 for run in same) / 1000:.1f}",
            f"{median(run.wal for run in same):,.0f}",
        )
        table.add_row(*key, *middle)
    return table


def _upkeep_table(upkeep: list[Upkeep]) -> Table:
    table = Table("layout", "body", "WAL/update", "table+index before", "after", "HOT", "vacuum WAL/update", "s")
    for item in upkeep:
        table.add_row(
            item.variant,
            item.body_size,
            f"{item.wal:,.0f}",
            f"{item.table_before:,.0f}+{item.index_before:,.0f}",
            f"{item.table_after:,.0f}+{item.index_after:,.0f}",
            ", ".join(f"{name} {share:.0%}" for name, share in item.hot.items()) or "no update",
            f"{item.vacuum_wal:,.0f}",
            f"{item.vacuum_seconds:.1f}",
        )
    return table


if __name__ == "__main__":
    main()
