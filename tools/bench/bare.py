"""Bare ASGI applications: what the same web server and driver do without any FHIR.

`BENCH_DATABASE_URL` names the database of the server under test, `BENCH_POOL_SIZE` its size of the pool.
"""

import os
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from starlette.types import Receive, Scope, Send

_BODY = b'{"resourceType":"Basic"}' + b" " * 1500
_HEADERS = [(b"content-type", b"application/fhir+json"), (b"content-length", str(len(_BODY)).encode())]
_SELECT = """
SELECT v.version, v.last_updated, v.meta, v.body
FROM fhir.resource r JOIN fhir.version v USING (tenant, rid, version)
WHERE r.tenant = 0 AND r.type = %s AND r.id = %s
"""


async def constant(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer every request with the same 1.5 kB."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})


class OneSelect:
    """Answers with a stored body, found by one prepared statement on a connection of psycopg's pool."""

    def __init__(self) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for `/fhir/TYPE/ID`, or run the lifespan."""
        if scope["type"] == "lifespan":
            size = int(os.environ["BENCH_POOL_SIZE"])
            self._pool = AsyncConnectionPool(
                os.environ["BENCH_DATABASE_URL"],
                open=False,
                min_size=size,
                max_size=size,
                kwargs={
                    "autocommit": True,
                    "prepare_threshold": 0,
                    "options": "-c plan_cache_mode=force_generic_plan",
                },
            )
            await self._pool.open()
            await _lifespan(receive, send)
            await self._pool.close()
            return
        assert self._pool is not None, "the lifespan begins before the first request"
        parts = scope["path"].split("/")
        if len(parts) != 4:
            await _answer(send, 200, b"{}")
            return
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_SELECT, (parts[2], parts[3]), binary=True)
            row = await cursor.fetchone()
        await _answer(send, 404 if row is None else 200, b"{}" if row is None else row[3])


one_select = OneSelect()


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/fhir+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
