import asyncio
import json
from collections.abc import Callable
from itertools import count

from fhir_server.rest.health import Health, liveness, readiness


async def serves() -> None:
    return None


async def fails() -> None:
    raise ConnectionError("postgresql://user:secret@host")


async def hangs() -> None:
    await asyncio.Event().wait()


def ticking() -> Callable[[], float]:
    ticks = count()
    return lambda: next(ticks) / 1000


def told(health: Health) -> dict[str, object]:
    found: dict[str, object] = json.loads(health.body)
    return found


def test_a_process_that_answers_lives() -> None:
    assert liveness("1.2.3").status == 200
    assert told(liveness("1.2.3")) == {"status": "pass", "version": "1.2.3"}


async def test_a_server_whose_dependencies_serve_is_ready() -> None:
    health = await readiness({"postgresql": serves}, version="1", timeout_seconds=1, clock=ticking())
    assert health.status == 200
    assert told(health) == {
        "status": "pass",
        "version": "1",
        "checks": {"postgresql": [{"status": "pass", "observedValue": 1.0, "observedUnit": "ms"}]},
    }


async def test_a_dependency_that_fails_makes_the_server_unready_and_only_the_kind_of_failure_is_told() -> None:
    health = await readiness({"redis": serves, "postgresql": fails}, version="1", timeout_seconds=1, clock=lambda: 0.0)
    assert health.status == 503
    assert b"secret" not in health.body
    found = json.loads(health.body)
    assert found["status"] == "fail"
    assert found["checks"]["redis"][0]["status"] == "pass"
    assert found["checks"]["postgresql"][0] == {
        "status": "fail",
        "observedValue": 0.0,
        "observedUnit": "ms",
        "output": "ConnectionError",
    }


async def test_a_dependency_that_hangs_is_given_up() -> None:
    health = await readiness({"postgresql": hangs}, version="1", timeout_seconds=0.001)
    assert health.status == 503
    assert json.loads(health.body)["checks"]["postgresql"][0]["output"] == "timeout"


async def test_an_optional_dependency_that_fails_is_a_warning() -> None:
    checks = {"postgresql": serves, "replica": fails}
    health = await readiness(checks, version="1", timeout_seconds=1, optional=frozenset({"replica"}))
    assert health.status == 200
    found = json.loads(health.body)
    assert found["status"] == "warn"
    assert found["checks"]["replica"][0]["status"] == "warn"


async def test_a_server_without_dependencies_is_ready() -> None:
    assert (await readiness({}, version="1", timeout_seconds=1)).status == 200
