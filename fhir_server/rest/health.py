"""Whether the process lives and whether it can serve: `/livez` and `/readyz`.

https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fhir_server.core.json import dump

CONTENT_TYPE = "application/health+json"

Check = Callable[[], Awaitable[object]]
"""Asks one dependency whether it serves; raises anything where it does not."""


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of a health endpoint: its status, and its body of media type `CONTENT_TYPE`."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class _Finding:
    status: str
    milliseconds: float
    reason: str | None = None

    def told(self) -> list[dict[str, Any]]:
        found: dict[str, Any] = {
            "status": self.status,
            "observedValue": round(self.milliseconds, 3),
            "observedUnit": "ms",
        }
        if self.reason is not None:
            found["output"] = self.reason
        return [found]


def liveness(version: str) -> Health:
    """Return the answer of a process that is able to answer at all."""
    return Health(200, dump({"status": "pass", "version": version}))


async def readiness(
    checks: Mapping[str, Check],
    *,
    version: str,
    timeout_seconds: float,
    optional: frozenset[str] = frozenset(),
    clock: Callable[[], float] = time.perf_counter,
) -> Health:
    """Return 200 where every dependency serves and 503 where one does not, each with its state and time.

    The checks run at the same time, each for at most `timeout_seconds`. One that is named in `optional` is
    reported as `warn` and does not stop the server from being ready. Of a failure only its type is told.
    """
    findings = await asyncio.gather(*(_finding(check, timeout_seconds, clock) for check in checks.values()))
    told: dict[str, list[dict[str, Any]]] = {}
    worst = "pass"
    for name, finding in zip(checks, findings, strict=True):
        entry = finding.told()
        if finding.status == "fail" and name in optional:
            entry[0]["status"] = "warn"
        told[name] = entry
        worst = _worse(worst, entry[0]["status"])
    body = dump({"status": worst, "version": version, "checks": told})
    return Health(503 if worst == "fail" else 200, body)


async def _finding(check: Check, timeout_seconds: float, clock: Callable[[], float]) -> _Finding:
    begin = clock()
    task = asyncio.ensure_future(check())
    try:
        # A check that is cancelled may take seconds to come to its end, for which the answer does not wait.
        done, _ = await asyncio.wait((task,), timeout=timeout_seconds)
    finally:
        task.cancel()
    milliseconds = (clock() - begin) * 1000
    if not done:
        task.add_done_callback(_pass_over)
        return _Finding("fail", milliseconds, "timeout")
    failure = task.exception()
    if failure is not None:
        return _Finding("fail", milliseconds, type(failure).__name__)
    return _Finding("pass", milliseconds)


def _pass_over(task: asyncio.Future[object]) -> None:
    """Take note of how a check ended that nobody waits for, or the event loop would complain that nobody did."""
    if not task.cancelled():
        task.exception()


def _worse(one: str, other: str) -> str:
    return max(one, other, key=("pass", "warn", "fail").index)
