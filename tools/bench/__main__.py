"""`python -m tools.bench`: measure a fresh server, and the machine beside it.

`FHIR_CONFORMANCE_DIR`, where it is set, gives real-looking bodies instead of synthetic ones.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from tools.bench.material import write_bodies
from tools.bench.pgbench import PgbenchError
from tools.bench.place import place_of
from tools.bench.processes import worker_memory
from tools.bench.report import show, write_docs
from tools.bench.results import Results, targets
from tools.bench.rounds import Plan, measure
from tools.bench.server import BenchError, server_under_test
from tools.bench.store import fill, use_all_types
from tools.bench.validation import time_validation

_DOCS = Path(__file__).resolve().parents[2] / "docs" / "performance.md"


def main() -> int:
    """Run the benchmark; the exit code is 1 where it could not, 0 otherwise, targets met or not."""
    options = _options()
    console = Console()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-material-") as folder:
            results = bench(_plan(options), Path(folder), lambda text: console.print(f"[dim]{text} …[/dim]"))
    except (BenchError, PgbenchError) as failure:
        console.print(f"bench: {failure}", style="red", markup=False)
        return 1
    show(results, console)
    if options.json:
        found = asdict(results) | {"targets": [asdict(each) | {"met": each.met} for each in targets(results)]}
        options.json.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.write_docs:
        write_docs(results, _DOCS)
    return 0


def bench(plan: Plan, material: Path, tell: Callable[[str], None]) -> Results:
    """Carry out the plan in the empty folder `material`; `tell` is told each step.

    Raises BenchError or PgbenchError where something cannot be measured.
    """
    load_average = os.getloadavg()[0]
    average_bytes = write_bodies(material, conformance=plan.conformance)
    tell("timing structural validation")
    validation = time_validation(plan.conformance)
    tell("starting the server")
    with server_under_test() as server:
        tell(f"filling the store with {plan.resources:,} resources")
        load_rate = fill(server, material, plan.resources)
        measured = measure(plan, server, material, body_bytes=round(average_bytes), tell=tell)
        use_all_types(server)
        return Results(
            place=place_of(
                server,
                load_average=load_average,
                generator="wrk" if plan.wrk else "tools.bench.load",
                bodies="Synthea's" if plan.conformance else "synthetic",
            ),
            connections=plan.connections,
            resources=plan.resources,
            average_bytes=average_bytes,
            load_rate=load_rate,
            measurements=measured,
            validation=validation,
            worker_bytes=worker_memory(server.process),
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run on a small store, to try it out")
    parser.add_argument("--resources", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="each number is the median of so many runs")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--generator", choices=("wrk", "own"), help="default: wrk where it is installed")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--write-docs", action="store_true", help="put the results in docs/performance.md")
    return parser.parse_args()


def _plan(options: argparse.Namespace) -> Plan:
    conformance = os.environ.get("FHIR_CONFORMANCE_DIR")
    wrk = None if options.generator == "own" else shutil.which("wrk")
    if options.generator == "wrk" and wrk is None:
        raise BenchError("wrk is not installed")
    return Plan(
        resources=3_000 if options.quick else options.resources,
        seconds=2.0 if options.quick else options.seconds,
        rounds=1 if options.quick else options.rounds,
        connections=options.connections,
        conformance=Path(conformance) if conformance else None,
        wrk=wrk,
    )


if __name__ == "__main__":
    sys.exit(main())
