"""The server's ASGI application under a load that is hard on its event loop, which is watched meanwhile.

It runs in a process of its own, as a worker does: what else a test process has in its memory would slow down garbage
collection.
"""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from fhir_server.app import application
from fhir_server.definitions import load_definitions
from tests.e2e.asgi_client import ask, lifespan
from tests.e2e.loop_watch import WatchedSelector

ENTRIES_OF_10_MB = 18_000
AT_ONCE = 20


def longest_stretches(environ: Mapping[str, str]) -> dict[str, float]:
    """Return, for each kind of work, for how many seconds the event loop was away at the longest."""
    watch = WatchedSelector()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(watch)) as runner:
        runner.run(_serve(Load(application(environ), watch)))
    watch.longest.pop("")
    return watch.longest


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to one application, each under the name of a kind of work."""

    application: ASGIApp
    watch: WatchedSelector

    async def do(self, phase: str, method: str, url: str, body: bytes = b"", **headers: str) -> bytes:
        """Send a request, beside ordinary ones, and return the body of its answer."""
        async with self._beside_ordinary_requests():
            # What was done to make the body, and what is done with the answer, is no work of the server.
            await asyncio.sleep(0)
            self.watch.phase = phase
            answer = await ask(self.application, method, f"/fhir/{url}", body, **headers)
            await asyncio.sleep(0)
            self.watch.phase = ""
        assert answer.status in (200, 201, 400), (phase, answer.status, answer.body[:500])
        return answer.body

    @asynccontextmanager
    async def _beside_ordinary_requests(self) -> AsyncIterator[None]:
        ordinary = asyncio.create_task(self._ordinary_requests())
        try:
            yield
        finally:
            ordinary.cancel()
            await asyncio.gather(ordinary, return_exceptions=True)

    async def _ordinary_requests(self) -> None:
        while True:
            await ask(self.application, "GET", "/fhir/Observation/ordinary")
            await ask(self.application, "PUT", "/fhir/Observation/ordinary", _text(_observation(id="ordinary")))


async def _serve(load: Load) -> None:
    async with lifespan(load.application):
        await ask(load.application, "GET", "/readyz")
        await _metadata(load)
        await _every_type(load)
        await _medium_bodies(load)
        await _long_bodies(load)
        await _long_pages(load)


async def _metadata(load: Load) -> None:
    for query in ("", "?_pretty=true", "?_summary=true"):
        await load.do(f"metadata{query}", "GET", f"metadata{query}")


async def _every_type(load: Load) -> None:
    for name in load_definitions().stored_types:
        await load.do(f"the first {name}", "POST", name, _text({"resourceType": name, "language": "pt"}))


async def _medium_bodies(load: Load) -> None:
    for size in (30, 60):
        text = _text(_observation(component=[_component()] * (size * 5)))
        texts = {
            "valid": text,
            "with faults": text.replace(b'"coding"', b'"codding"'),
            "that needs a close look": text.replace(b"70", b"-0"),
            "with brackets alone": b"[" * size * 1000,
        }
        for what, body in texts.items():
            await load.do(f"a body of {len(body) // 1000} kB {what}", "POST", "Observation", body)


async def _long_bodies(load: Load) -> None:
    entries = [{"resource": _observation(subject={"reference": f"Patient/{n}"})} for n in range(ENTRIES_OF_10_MB)]
    text = _text({"resourceType": "Bundle", "id": "long", "type": "collection", "entry": entries})
    assert 10_000_000 < len(text) < 12_000_000
    await load.do("10 MB stored and shown", "PUT", "Bundle/long", text)
    await load.do("10 MB stored", "POST", "Bundle", text, prefer="return=minimal")
    packed = gzip.compress(text, 1)
    await load.do("10 MB inflated and stored", "POST", "Bundle", packed, content_encoding="gzip")
    await load.do("10 MB with faults", "POST", "Bundle", text.replace(b'"final"', b'"fi nal"', 5000))
    for query in ("", "?_pretty=true", "?_summary=true", "?_elements=type"):
        await load.do(f"10 MB read{query}", "GET", f"Bundle/long{query}")
    await load.do("10 MB read and deflated", "GET", "Bundle/long", accept_encoding="gzip")
    await load.do("a page of 10 MB bodies", "GET", "Bundle/_history?_summary=true")


async def _long_pages(load: Load) -> None:
    for _ in range(1000 // AT_ONCE):
        body = _text(_observation())
        await asyncio.gather(*(ask(load.application, "POST", "/fhir/Observation", body) for _ in range(AT_ONCE)))
    for query in ("", "&_summary=true", "&_elements=status", "&_pretty=true"):
        for coding in ("identity", "gzip"):
            phase = f"a page of 1000{query} {coding}"
            await load.do(phase, "GET", f"Observation/_history?_count=1000{query}", accept_encoding=coding)


def _observation(**elements: Any) -> dict[str, Any]:
    code = {"coding": [{"system": "http://loinc.org", "code": "85354-9", "display": "Blood pressure panel"}]}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": code,
        "subject": {"reference": "Patient/a"},
        "effectiveDateTime": "2026-01-01T10:00:00-03:00",
        "component": [_component()] * 3,
        **elements,
    }


def _component() -> dict[str, Any]:
    coding = {"system": "http://loinc.org", "code": "8480-6"}
    return {"code": {"coding": [coding]}, "valueQuantity": {"value": 70, "unit": "mmHg"}}


def _text(resource: dict[str, Any]) -> bytes:
    return json.dumps(resource, separators=(",", ":")).encode()
