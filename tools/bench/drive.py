"""Drive a server with a load generator in a process of its own, and say what it measured."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.bench.processes import cpu_time
from tools.bench.server import BenchError, Server


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
    """What a load generator is to do: the scenario of `scenarios` on the resources of a list, and how long."""

    scenario: str
    resources: str = "resources.json"
    seconds: float | None = None
    count: int | None = None
    created: Path | None = None


def drive(server: Server, material: Path, job: Job, *, connections: int) -> Load:
    """Run a job with this package's load generator. Raises BenchError where it fails."""
    described = {
        "scenario": job.scenario,
        "resources": job.resources,
        "seconds": job.seconds,
        "count": job.count,
        "created": None if job.created is None else str(job.created),
        "port": server.port,
        "material": str(material),
        "connections": connections,
    }
    return measured(server, [sys.executable, "-m", "tools.bench.load"], json.dumps(described))


def measured(server: Server, command: list[str], text: str) -> Load:
    """Run a load generator that writes its measurement as JSON, and add what the server's processes used."""
    before = cpu_time(server.process)
    process = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    used = cpu_time(server.process).since(before)
    if process.returncode != 0:
        raise BenchError(f"the load generator failed: {process.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(process.stdout)
    requests = result["requests"]
    return Load(**result, server_us=used.server / requests * 1e6, database_us=used.database / requests * 1e6)
