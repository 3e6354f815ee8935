"""The load generator: `python -m tools.bench.load`, a process of its own.

It reads a job as JSON from standard input and writes what it measured as JSON to standard output. One thread
serves all connections; each sends its next request as soon as the answer to the last one is whole. That costs
about as much CPU time as a C program with a script, and much less than an HTTP client library.
"""

import json
import selectors
import socket
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tools.bench.answer import Answer, whole_answer
from tools.bench.scenarios import SCENARIOS, Material, Request, Scenario, id_in

_PATIENCE = 30.0


@dataclass(slots=True)
class Measured:
    """Latencies in nanoseconds by operation, errors by operation and status, created (type, id)."""

    latencies: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    created: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(slots=True)
class _Client:
    socket: socket.socket
    scenario: Scenario
    request: Request
    sent: int = 0
    received: bytearray = field(default_factory=bytearray)

    def send(self) -> None:
        self.received.clear()
        self.sent = time.perf_counter_ns()
        # Requests are far smaller than the socket's buffer, which is empty while an answer is awaited.
        self.socket.sendall(self.request.text)


def main() -> None:
    """Run the job and write its measurement."""
    job = json.load(sys.stdin)
    material = load_material(Path(job["material"]), job["resources"])
    measured = run(
        material,
        job["scenario"],
        port=job["port"],
        connections=job["connections"],
        length=(job.get("seconds"), job.get("count")),
    )
    json.dump(summary(measured), sys.stdout)
    if target := job.get("created"):
        Path(target).write_text(json.dumps(measured.created), encoding="utf-8")


def load_material(folder: Path, resources: str) -> Material:
    """Return the bodies in `folder` and the list of resources in the file of that name there."""
    bodies = json.loads((folder / "bodies.json").read_bytes())
    found = folder / resources
    pairs = json.loads(found.read_bytes()) if found.exists() else []
    return Material(
        resources=[(name, resource_id) for name, resource_id in pairs],
        bodies={name: [text.encode() for text in texts] for name, texts in bodies.items()},
    )


def run(
    material: Material,
    scenario: str,
    *,
    port: int,
    connections: int,
    length: tuple[float | None, int | None],
) -> Measured:
    """Drive a scenario for a time in seconds or until a number of answers, whichever `length` gives."""
    seconds, answers = length
    measured = Measured()
    random = Random()
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            client = _connected(port, SCENARIOS[scenario](material, Random(random.random())))
            selector.register(client.socket, selectors.EVENT_READ, client)
        started = time.perf_counter()
        _drive(
            selector,
            measured,
            until=None if seconds is None else started + seconds,
            left=sys.maxsize if answers is None else answers,
        )
        measured.seconds = time.perf_counter() - started
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return measured


def _drive(selector: selectors.BaseSelector, measured: Measured, *, until: float | None, left: int) -> None:
    for key in selector.get_map().values():
        key.data.send()
    while left > 0 and (until is None or time.perf_counter() < until):
        ready = selector.select(_PATIENCE)
        if not ready:
            raise TimeoutError("the server did not answer")
        for key, _ in ready:
            left -= _receive(key.data, measured)


def _connected(port: int, scenario: Scenario) -> _Client:
    connection = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Client(connection, scenario, next(scenario))


def _receive(client: _Client, measured: Measured) -> int:
    """Take what has arrived; return 1 where it completes an answer, after sending the next request."""
    part = client.socket.recv(1 << 18)
    if not part:
        raise ConnectionError("the server closed a connection")
    client.received += part
    answer = whole_answer(client.received)
    if answer is None:
        return 0
    finished = time.perf_counter_ns()
    _note(client, answer, finished, measured)
    client.request = client.scenario.send(answer)
    client.send()
    return 1


def _note(client: _Client, answer: Answer, finished: int, measured: Measured) -> None:
    name = client.request.name
    measured.latencies[name].append(finished - client.sent)
    if answer.status != client.request.status:
        measured.errors[f"{name} {answer.status}"] += 1
    elif name == "create":
        resource_type = client.request.text[11 : client.request.text.index(b" ", 11)].decode()
        measured.created.append((resource_type, id_in(answer)))


def summary(measured: Measured) -> dict[str, Any]:
    """Return rate, requests, percentiles, errors and percentiles by operation, ready for JSON."""
    everything = sorted(latency for each in measured.latencies.values() for latency in each)
    return {
        "rate": len(everything) / measured.seconds,
        "requests": len(everything),
        **_percentiles(everything),
        "errors": dict(measured.errors),
        "operations": {name: _percentiles(sorted(each)) for name, each in measured.latencies.items()},
    }


def _percentiles(ordered: list[int]) -> dict[str, float]:
    return {
        name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1e6
        for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99))
    }


if __name__ == "__main__":
    main()
