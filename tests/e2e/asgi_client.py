"""Requests to an ASGI application in the same event loop, without a network between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Message

from tests.plugins.raw_http import Answer


@asynccontextmanager
async def lifespan(application: ASGIApp) -> AsyncIterator[None]:
    """Start the application, and stop it afterwards."""
    told: asyncio.Queue[Message] = asyncio.Queue()
    said: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    await told.put({"type": "lifespan.startup"})
    running = asyncio.ensure_future(application(scope, told.get, said.put))
    answered = await said.get()
    assert answered["type"] == "lifespan.startup.complete", answered
    try:
        yield
    finally:
        await told.put({"type": "lifespan.shutdown"})
        await running


async def ask(application: ASGIApp, method: str, url: str, body: bytes = b"", **headers: str) -> Answer:
    """Send a request and return its answer; a header is named `if_match` for `If-Match`."""
    path, _, query = url.partition("?")
    sent = {"host": "127.0.0.1:8000", "content-type": "application/fhir+json", "content-length": str(len(body))}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": body, "more_body": False})
    outgoing: list[Message] = []

    async def send(message: Message) -> None:
        outgoing.append(message)

    await application(scope, incoming.get, send)
    start, *parts = outgoing
    return Answer(
        start["status"],
        {name.decode(): value.decode("latin-1") for name, value in start["headers"]},
        b"".join(part.get("body", b"") for part in parts),
    )
