import pytest

from tools.bench.drive import Load
from tools.bench.pgbench import Transactions
from tools.bench.place import Place
from tools.bench.results import Results
from tools.bench.rounds import Measurements
from tools.bench.validation import Timing


def load(rate: float, p99_ms: float = 10.0, **errors: int) -> Load:
    return Load(
        rate=rate,
        requests=1000,
        p50_ms=2.0,
        p99_ms=p99_ms,
        errors=errors,
        server_us=200.0,
        database_us=50.0,
        operations={"read": {"p50_ms": 1.0, "p99_ms": 2.0}},
    )


@pytest.fixture
def results() -> Results:
    rates = {"read": 3500.0, "create": 1200.0, "update": 700.0, "history": 900.0, "mix": 1150.0}
    scripts = {"-S": 15000.0, "-N": 4000.0, "equal bytes": 2500.0}
    return Results(
        place=Place("2026-01-31", "abc", "a machine", 0.5, "wrk", "synthetic", {"fsync": "on"}),
        connections=16,
        resources=100_000,
        average_bytes=1704.0,
        load_rate=1500.0,
        measurements=Measurements(
            loads={name: load(rate) for name, rate in rates.items()},
            bare={"constant": load(9000.0), "one_select": load(4500.0)},
            pgbench={name: Transactions(rate, 3000, 9000, 100) for name, rate in scripts.items()},
        ),
        validation=Timing(35.0, 100, 1500.0),
        worker_bytes=200_000_000,
    )
