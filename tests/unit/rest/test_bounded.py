"""With the event loop's own clock and tasks: nothing of asyncio is replaced."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from fhir_server.core.errors import DeadlineExceeded, NotFound
from fhir_server.rest.bounded import HungUp, bounded
from tests.waiting import PATIENCE, until

Message = MutableMapping[str, Any]


class Client:
    """The other end of a connection; `hang_up` closes it."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._messages: asyncio.Queue[Message] = asyncio.Queue()

    async def receive(self) -> Message:
        self.asked.set()
        return await self._messages.get()

    def hang_up(self) -> None:
        self._messages.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        self._messages.put_nowait({"type": "http.disconnect"})


class Work:
    """Work that does not end by itself and says when it began and that it was cancelled."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.cancelled = False

    async def run(self) -> None:
        self.began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def only_this_task() -> None:
    await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})


async def test_work_that_is_quick_is_not_disturbed() -> None:
    client = Client()
    async with bounded(client.receive, deadline=PATIENCE, grace=0.001):
        await asyncio.sleep(0)
    assert not client.asked.is_set()
    await only_this_task()


async def test_the_client_is_not_looked_at_before_the_grace_is_over() -> None:
    client = Client()
    async with bounded(client.receive, deadline=PATIENCE, grace=PATIENCE):
        for _ in range(5):
            await asyncio.sleep(0)
    assert not client.asked.is_set()
    await only_this_task()


async def test_work_after_the_deadline_is_cancelled() -> None:
    client, work = Client(), Work()
    with pytest.raises(DeadlineExceeded, match=r"0\.01 seconds"):
        async with bounded(client.receive, deadline=0.01, grace=PATIENCE):
            await work.run()
    assert work.cancelled
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await only_this_task()


async def test_a_deadline_ends_the_watch_too() -> None:
    client, work = Client(), Work()
    with pytest.raises(DeadlineExceeded):
        async with bounded(client.receive, deadline=0.05, grace=0):
            await work.run()
    assert client.asked.is_set()
    await only_this_task()


async def test_work_for_a_client_that_hangs_up_is_cancelled() -> None:
    client, work = Client(), Work()
    client.hang_up()
    with pytest.raises(HungUp):
        async with bounded(client.receive, deadline=PATIENCE, grace=0):
            await work.run()
    assert work.cancelled
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await only_this_task()


async def test_work_that_ends_after_the_grace_stops_the_watch() -> None:
    client = Client()
    async with bounded(client.receive, deadline=PATIENCE, grace=0):
        await client.asked.wait()
    await only_this_task()
    client.hang_up()
    await asyncio.sleep(0)


async def test_an_error_of_the_work_passes_unchanged() -> None:
    client = Client()

    async def refuse() -> None:
        async with bounded(client.receive, deadline=PATIENCE, grace=0):
            await client.asked.wait()
            raise NotFound("There is no Patient/a.")

    with pytest.raises(NotFound):
        await refuse()
    await only_this_task()


async def test_a_timeout_of_the_work_itself_is_no_deadline() -> None:
    client = Client()
    with pytest.raises(TimeoutError) as told:
        async with bounded(client.receive, deadline=PATIENCE, grace=PATIENCE), asyncio.timeout(0):
            await asyncio.Event().wait()
    assert not isinstance(told.value, DeadlineExceeded)


async def test_a_cancellation_from_outside_passes_through() -> None:
    client, work = Client(), Work()

    async def answer() -> None:
        async with bounded(client.receive, deadline=PATIENCE, grace=0):
            await work.run()

    task = asyncio.create_task(answer())
    await work.began.wait()
    await client.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.cancelled
    await only_this_task()


async def test_a_cancellation_from_outside_passes_though_the_client_hung_up_too() -> None:
    client, work = Client(), Work()

    async def answer() -> None:
        async with bounded(client.receive, deadline=PATIENCE, grace=0):
            await work.run()

    task = asyncio.create_task(answer())
    await work.began.wait()
    await client.asked.wait()
    client.hang_up()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.cancelled
    await only_this_task()


async def test_bounds_nest() -> None:
    client, work = Client(), Work()
    with pytest.raises(DeadlineExceeded, match=r"0\.01 seconds"):
        async with (
            bounded(client.receive, deadline=PATIENCE, grace=PATIENCE),
            bounded(client.receive, deadline=0.01, grace=PATIENCE),
        ):
            await work.run()
    await only_this_task()
