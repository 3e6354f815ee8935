"""Results for people: tables on the terminal, and the same tables in `docs/performance.md`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.bench.results import Results, targets

BEGIN = "<!-- results: written by `python -m tools.bench --write-docs` -->"
END = "<!-- end of results -->"

Grid = tuple[Sequence[str], list[Sequence[str]]]


def show(results: Results, console: Console) -> None:
    """Print the results."""
    for line in _facts(results):
        console.print(f"[bold]{line[0]}[/bold] {line[1]}")
    for head, rows in _grids(results):
        table = Table(*head)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def write_docs(results: Results, path: Path) -> None:
    """Put the results between the two marks in a Markdown file. Raises ValueError where they are missing."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} lacks the marks between which the results go")
    path.write_text(f"{before}{BEGIN}\n\n{markdown(results)}\n{END}{after}", encoding="utf-8")


def markdown(results: Results) -> str:
    """Return the results as Markdown."""
    parts = ["".join(f"- {name} {value}\n" for name, value in _facts(results))]
    for head, rows in _grids(results):
        lines = [head, ["---"] * len(head), *rows]
        parts.append("".join(f"| {' | '.join(line)} |\n" for line in lines))
    return "\n".join(parts)


def _facts(results: Results) -> Iterator[tuple[str, str]]:
    place = results.place
    yield "Date and commit:", f"{place.date}, {place.commit}"
    yield (
        "Machine:",
        f"{place.machine}, shared by load generator, server and database; "
        f"its load average was {place.load_average:.1f} at the start",
    )
    yield "Database:", ", ".join(f"{name} {value}" for name, value in place.database.items())
    yield "Load:", f"{place.generator}, {results.connections} connections"
    yield (
        "Store:",
        f"{results.resources:,} resources, ids at random, {place.bodies} bodies of "
        f"{results.average_bytes:,.0f} bytes on average, filled at {results.load_rate:,.0f}/s",
    )
    timing = results.validation
    yield (
        "Structural validation:",
        f"{timing.microseconds:.1f} µs for a resource of {timing.average_bytes:,.0f} bytes "
        f"(mean over {timing.resources:,})",
    )
    yield "Memory of a worker that used all types:", f"{results.worker_bytes / 1e6:.0f} MB"


def _grids(results: Results) -> Iterator[Grid]:
    yield _loads(results)
    if results.measurements.loads["mix"].operations:
        yield _operations(results)
    yield _ceilings(results)
    yield _targets(results)


def _loads(results: Results) -> Grid:
    measured = results.measurements
    head = ["scenario", "rate/s", "p50 ms", "p99 ms", "wrong", "server µs", "database µs"]
    head += ["÷ select", "÷ bytes"]
    rows = [
        (
            name,
            f"{load.rate:,.0f}",
            f"{load.p50_ms:.2f}",
            f"{load.p99_ms:.2f}",
            ", ".join(f"{status}: {count}" for status, count in load.errors.items()) or "none",
            f"{load.server_us:.0f}",
            f"{load.database_us:.0f}",
            f"{load.rate / measured.bare['one_select'].rate:.2f}",
            f"{load.rate / measured.pgbench['equal bytes'].rate:.2f}",
        )
        for name, load in measured.loads.items()
    ]
    return head, list(rows)


def _operations(results: Results) -> Grid:
    rows = [
        (f"{name} within the mix", f"{found['p50_ms']:.2f}", f"{found['p99_ms']:.2f}")
        for name, found in results.measurements.loads["mix"].operations.items()
    ]
    return ("operation", "p50 ms", "p99 ms"), list(rows)


def _ceilings(results: Results) -> Grid:
    names = {"constant": "bare ASGI response", "one_select": "bare ASGI response with one select"}
    bare = [
        (names[name], f"{load.rate:,.0f}", f"{load.p50_ms:.2f}", f"{load.p99_ms:.2f}")
        for name, load in results.measurements.bare.items()
    ]
    scripts = [
        (f"pgbench {name}", f"{run.rate:,.0f}", f"{run.p50 / 1000:.2f}", f"{run.p99 / 1000:.2f}")
        for name, run in results.measurements.pgbench.items()
    ]
    return ("ceiling", "rate/s", "p50 ms", "p99 ms"), [*bare, *scripts]


def _targets(results: Results) -> Grid:
    rows = [
        (
            target.name,
            f"{target.found:,.2f}{target.unit}" if target.found < 10 else f"{target.found:,.0f}{target.unit}",
            f"{'≥' if target.at_least else '≤'} {target.bound:,.4g}{target.unit}",
            "met" if target.met else "not met",
        )
        for target in targets(results)
    ]
    return ("target", "found", "wanted", ""), list(rows)
