"""Drive a server with a load generator in a process of its own, and say what it measured."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tools.bench.processes import cpu_time
from tools.bench.server import BenchError, Server

_SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What a run measured: requests per second, milliseconds, errors by status, microseconds per request."""

    rate: float
    requests: int
    p50_ms: float
    p99_ms: float
    errors: Mapping[str, int]
    server_us: float
    database_us: float
    operations: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """What a load generator is to do: a scenario of `scenarios` on a list of resources, and how long.

    `created` is a file that gets the list of the resources that were created.
    """

    scenario: str
    resources: str = "resources.json"
    seconds: float | None = None
    count: int | None = None
    created: str | None = None


def drive(server: Server, material: Path, job: Job, *, connections: int, wrk: str | None = None) -> Load:
    """Run a job with wrk where its path is given, otherwise with this package's load generator.

    Raises BenchError where the generator fails. wrk knows a length in seconds only.
    """
    before = cpu_time(server.process)
    if wrk is not None and job.seconds is not None:
        result = _wrk(wrk, server.port, material, job, connections)
    else:
        result = _own(server.port, material, job, connections)
    used = cpu_time(server.process).since(before)
    each = 1e6 / max(1, result["requests"])
    return Load(**result, server_us=used.server * each, database_us=used.database * each)


def _own(port: int, material: Path, job: Job, connections: int) -> dict[str, Any]:
    described = asdict(job) | {"port": port, "material": str(material), "connections": connections}
    found: dict[str, Any] = json.loads(_call([sys.executable, "-m", "tools.bench.load"], json.dumps(described)))
    return found


def _wrk(wrk: str, port: int, material: Path, job: Job, connections: int) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        length = f"-d{max(1, round(job.seconds or 0))}s"
        threads = [f"-t{connections}", f"-c{connections}", "--timeout", "30s"]
        resources = job.resources.replace(".json", ".tsv")
        target = [f"http://127.0.0.1:{port}", "--", str(material), resources, job.scenario]
        _call([wrk, *threads, length, "-s", str(_SCRIPT), *target], "", {"BENCH_RESULT": result.name})
        found: dict[str, Any] = json.load(result)
        return found


def _call(command: list[str], text: str, environment: Mapping[str, str] | None = None) -> str:
    process = subprocess.run(
        command,
        input=text,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        raise BenchError(f"the load generator failed: {process.stderr[-2000:]}")
    return process.stdout
