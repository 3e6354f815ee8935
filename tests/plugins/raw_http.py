"""A client of few words for tests that send thousands of requests: HTTP/1.1 on one kept connection.

It reads what our own server writes, answers with a length, and nothing else; httpx would take most of the test's time.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit


class Disconnected(Exception):
    """The server is not there any more, or closed the connection before its answer was complete."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def resource(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class RawClient:
    """One connection to the server at `base_url`, below which the paths of requests lie."""

    def __init__(self, base_url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._base = urlsplit(base_url)
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, base_url: str) -> Self:
        """Return a new connection. Raises Disconnected."""
        place = urlsplit(base_url)
        try:
            return cls(base_url, *await asyncio.open_connection(place.hostname, place.port))
        except OSError as error:
            raise Disconnected from error

    async def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send a request and return its answer; a header is named `if_match` for `If-Match`. Raises Disconnected."""
        lines = [f"{method} {self._base.path}{path} HTTP/1.1", f"host: {self._base.netloc}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body or method in ("POST", "PUT"):
            lines += ["content-type: application/fhir+json", f"content-length: {len(body)}"]
        try:
            self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await self._writer.drain()
            return await self._answer(method)
        except (OSError, EOFError) as error:
            raise Disconnected from error

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _answer(self, method: str) -> Answer:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        length = 0 if method == "HEAD" else int(headers.get("content-length", "0"))
        return Answer(int(head[0].split()[1]), headers, await self._reader.readexactly(length))


@asynccontextmanager
async def raw_client(base_url: str) -> AsyncIterator[RawClient]:
    """Yield a connection that is closed afterwards. Raises Disconnected."""
    client = await RawClient.connect(base_url)
    try:
        yield client
    finally:
        await client.close()
