import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fhir_server.core.errors import Invalid, TooLarge
from fhir_server.rest.body import BodyTooSlow, Incoming
from fhir_server.rest.errors import error_parts

Receive = Callable[[], Awaitable[dict[str, Any]]]
_CHUNKED = {"transfer-encoding": "chunked"}


def coming(*chunks: bytes, ends: bool = True) -> Receive:
    """Return what delivers the chunks, and after the last one the end of the body or nothing any more."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        chunk = left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(left) or not ends}

    return receive


async def hung_up() -> dict[str, Any]:
    return {"type": "http.disconnect"}


@pytest.mark.parametrize("chunks", [(b"abc",), (b"a", b"", b"bc"), (b"", b"abc", b"")])
async def test_a_body_is_put_together_from_its_chunks(chunks: tuple[bytes, ...]) -> None:
    incoming = Incoming(coming(*chunks), _CHUNKED)
    assert incoming.left
    assert await incoming.read(announced=None, limit=3, seconds=1) == b"abc"
    assert not incoming.left


@pytest.mark.parametrize(
    ("headers", "left"), [({}, False), ({"content-length": "0"}, False), ({"content-length": "3"}, True)]
)
def test_whether_a_body_comes_is_known_from_the_headers(headers: dict[str, str], left: bool) -> None:
    assert Incoming(coming(), headers).left is left


async def test_a_body_that_announces_itself_as_too_long_is_not_read() -> None:
    incoming = Incoming(coming(), {"content-length": "4"})
    with pytest.raises(TooLarge):
        await incoming.read(announced="4", limit=3, seconds=1)
    assert incoming.left


async def test_a_body_that_grows_too_long_is_refused_and_the_rest_of_it_passed_over() -> None:
    incoming = Incoming(coming(b"ab", b"cd", b"ef"), _CHUNKED)
    with pytest.raises(TooLarge):
        await incoming.read(announced=None, limit=3, seconds=1)
    assert incoming.left
    await incoming.pass_over(limit=3, seconds=1)
    assert not incoming.left


async def test_a_body_that_does_not_come_in_is_given_up() -> None:
    incoming = Incoming(coming(b"ab", ends=False), _CHUNKED)
    with pytest.raises(BodyTooSlow) as refused:
        await incoming.read(announced=None, limit=3, seconds=0.01)
    assert error_parts(refused.value, request_id="1").status == 408
    await incoming.pass_over(limit=3, seconds=60)
    assert incoming.left


async def test_a_body_that_breaks_off_is_invalid() -> None:
    incoming = Incoming(hung_up, _CHUNKED)
    with pytest.raises(Invalid):
        await incoming.read(announced=None, limit=3, seconds=1)
    await incoming.pass_over(limit=3, seconds=1)
    assert incoming.left


@pytest.mark.parametrize("receive", [coming(b"abcd", ends=False), coming(b"a", ends=False)], ids=["long", "slow"])
async def test_a_body_that_is_too_long_or_too_slow_is_not_passed_over_to_its_end(receive: Receive) -> None:
    incoming = Incoming(receive, _CHUNKED)
    await incoming.pass_over(limit=3, seconds=0.01)
    assert incoming.left
