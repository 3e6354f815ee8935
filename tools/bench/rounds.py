"""The server and the machine's ceilings, measured in turns, so that a noisy neighbour hits all of them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from tools.bench.ceilings import DatabaseCeilings, bare_application
from tools.bench.drive import Job, Load, drive
from tools.bench.pgbench import Transactions
from tools.bench.scenarios import SCENARIOS
from tools.bench.server import Server, ServerUnderTest

# The size of a worker's pool by default, see docs/settings.md.
_POOL_SIZE = 8
_WARM_UP = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the run is: resources in the store, seconds per measurement, rounds, connections.

    `conformance` is the folder with conformance material and `wrk` the path of wrk, where there are any.
    """

    resources: int
    seconds: float
    rounds: int
    connections: int
    conformance: Path | None
    wrk: str | None


@dataclass(frozen=True, slots=True)
class Measurements:
    """The median run of each scenario, of each bare ASGI application and of each script of pgbench."""

    loads: Mapping[str, Load]
    bare: Mapping[str, Load]
    pgbench: Mapping[str, Transactions]


class _HasRate(Protocol):
    @property
    def rate(self) -> float: ...


_Run = TypeVar("_Run", bound=_HasRate)


def measure(
    plan: Plan, server: ServerUnderTest, material: Path, *, body_bytes: int, tell: Callable[[str], None]
) -> Measurements:
    """Measure everything once in each round and return the median runs; `tell` is told each step."""
    loads: defaultdict[str, list[Load]] = defaultdict(list)
    bare: defaultdict[str, list[Load]] = defaultdict(list)
    transactions: defaultdict[str, list[Transactions]] = defaultdict(list)
    ceilings = DatabaseCeilings(server, body_bytes=body_bytes, connections=plan.connections)
    scripts = {
        "-S": ceilings.select,
        "-N": ceilings.simple_update,
        "equal bytes": ceilings.equal_bytes,
    }
    for number in range(1, plan.rounds + 1):
        tell(f"round {number} of {plan.rounds}")
        for name in ("constant", "one_select"):
            # It ends before the next measurement, because its pool takes connections that pgbench needs.
            with bare_application(name, server, pool_size=_POOL_SIZE) as application:
                bare[name].append(_drive(plan, application, material, "read"))
        for scenario in SCENARIOS:
            loads[scenario].append(_drive(plan, server, material, scenario))
        for name, script in scripts.items():
            transactions[name].append(script(plan.seconds))
    return Measurements(_medians(loads), _medians(bare), _medians(transactions))


def _drive(plan: Plan, server: Server, material: Path, scenario: str) -> Load:
    resources = "aged.json" if scenario == "history" else "resources.json"
    for seconds in (plan.seconds * _WARM_UP, plan.seconds):
        job = Job(scenario, resources=resources, seconds=seconds)
        done = drive(server, material, job, connections=plan.connections, wrk=plan.wrk)
    return done


def _medians(runs: Mapping[str, Sequence[_Run]]) -> dict[str, _Run]:
    return {name: sorted(each, key=lambda run: run.rate)[len(each) // 2] for name, each in runs.items()}
