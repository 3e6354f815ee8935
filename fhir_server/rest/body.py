"""The body of a request as it comes in: bounded in length and in time.

https://www.rfc-editor.org/rfc/rfc9112#name-message-body
"""

import asyncio
from collections.abc import AsyncIterator, Mapping

from fhir_server.core.errors import FhirError, Invalid, TooLarge
from fhir_server.core.outcome import IssueType
from fhir_server.rest.asgi import Receive


class BodyTooSlow(FhirError):
    """The body did not come in within the time that it may take."""

    code = IssueType.TIMEOUT


class Incoming:
    """The body of one request; `left` tells whether the client sends more of it than was read."""

    __slots__ = ("_receive", "_stalled", "left")

    def __init__(self, receive: Receive, headers: Mapping[str, str]) -> None:
        self._receive = receive
        self._stalled = False
        self.left = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers

    async def read(self, *, announced: str | None, limit: int, seconds: float) -> bytes:
        """Return the body, of which the header `Content-Length` announced the length.

        Raises TooLarge where it is longer than `limit` bytes, BodyTooSlow where it takes longer than `seconds`,
        and Invalid where the connection ends before it or its chunks cannot be read.
        """
        if announced is not None and announced.isdigit() and int(announced) > limit:
            raise _too_large(limit)
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(seconds):
                async for chunk in self._chunks():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > limit:
                        raise _too_large(limit)
        except TimeoutError:
            self._stalled = True
            raise BodyTooSlow(f"The body did not come in within {seconds:g} seconds.") from None
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def pass_over(self, *, limit: int, seconds: float) -> None:
        """Read what is left, at most `limit` bytes for at most `seconds`, and forget it.

        The connection is then good for the next request, and the client takes note of the answer to this one.
        """
        if self._stalled or not self.left:
            return
        size = 0
        try:
            async with asyncio.timeout(seconds):
                async for chunk in self._chunks():
                    size += len(chunk)
                    if size > limit:
                        return
        except (TimeoutError, Invalid):
            return

    async def _chunks(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Invalid("The body ends too early, or its chunks cannot be read.")
            more = message.get("more_body", False)
            self.left = more
            yield message.get("body", b"")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is longer than the {limit} bytes that this server reads.")
