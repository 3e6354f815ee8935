"""The load generator against a small HTTP server on a real socket."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools.bench.load import run, summary
from tools.bench.scenarios import Material

MATERIAL = Material(resources=[("Patient", "p1"), ("Patient", "missing")], bodies={"Patient": [b"{}"]})


class Handler(BaseHTTPRequestHandler):
    """Knows one patient and stores none."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(404 if self.path.endswith("missing") else 200)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(201, Location="http://127.0.0.1/fhir/Patient/made/_history/1")

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


class Server(ThreadingHTTPServer):
    """Says nothing when a client hangs up in the middle of an answer, as the generator does at its end."""

    daemon_threads = False

    def handle_error(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def port() -> Iterator[int]:
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_answer_is_counted_and_wrong_ones_by_their_status(port: int) -> None:
    found = summary(run(MATERIAL, "read", port=port, connections=2, length=(None, 60)))
    assert found["requests"] >= 60
    assert set(found["errors"]) == {"read 404"}
    assert 0 < found["errors"]["read 404"] < found["requests"]
    assert 0 < found["p50_ms"] <= found["p99_ms"]


def test_the_created_resources_are_told(port: int) -> None:
    measured = run(MATERIAL, "create", port=port, connections=2, length=(None, 6))
    assert measured.created[:6] == [("Patient", "made")] * 6
    assert not measured.errors


def test_a_run_ends_after_its_time(port: int) -> None:
    found = summary(run(MATERIAL, "create", port=port, connections=1, length=(0.2, None)))
    assert found["requests"] > 0
    assert found["rate"] == pytest.approx(found["requests"] / 0.2, rel=0.5)
