"""What a run of the benchmark found, and which of the project's targets it meets."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tools.bench.place import Place
from tools.bench.rounds import Measurements
from tools.bench.validation import Timing

RATES: Mapping[str, int] = MappingProxyType({"read": 3000, "create": 1000, "update": 800, "mix": 1100})


@dataclass(frozen=True, slots=True)
class Results:
    """All numbers of a run; `load_rate` is that of filling the store."""

    place: Place
    connections: int
    resources: int
    average_bytes: float
    load_rate: float
    measurements: Measurements
    validation: Timing
    worker_bytes: int


@dataclass(frozen=True, slots=True)
class Target:
    """A target: what is measured, the number found, the bound, and whether more is better."""

    name: str
    found: float
    bound: float
    unit: str = ""
    at_least: bool = True

    @property
    def met(self) -> bool:
        """Tell whether the number is on the right side of the bound."""
        return self.found >= self.bound if self.at_least else self.found <= self.bound


def targets(results: Results) -> list[Target]:
    """Return every target with what this run found for it."""
    measured = results.measurements
    loads, one_select = measured.loads, measured.bare["one_select"]
    slowest = 4 * measured.pgbench["-N"].p50 / 1000
    rates = [Target(name, loads[name].rate, rate, "/s") for name, rate in RATES.items()]
    slow = [
        Target(f"{name}, p99 against 4 × median of pgbench -N", load.p99_ms, slowest, "ms", at_least=False)
        for name, load in loads.items()
    ]
    errors = sum(sum(load.errors.values()) for load in loads.values())
    return [
        *rates,
        Target("read ÷ bare ASGI with one select", loads["read"].rate / one_select.rate, 0.7),
        Target(
            "create ÷ pgbench -N of equal bytes",
            loads["create"].rate / measured.pgbench["equal bytes"].rate,
            0.4,
        ),
        *slow,
        Target("structural validation", results.validation.microseconds, 40, "µs", at_least=False),
        Target("worker that used all types", results.worker_bytes / 1e6, 250, "MB", at_least=False),
        Target("wrong answers", errors, 0, at_least=False),
    ]
