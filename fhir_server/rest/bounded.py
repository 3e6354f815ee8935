"""Bounds on the work for one request: a deadline, and an end when the client hangs up.

Either cancels the work, and with it the statement that the database is running.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fhir_server.core.errors import DeadlineExceeded
from fhir_server.rest.asgi import Receive


class HungUp(Exception):
    """The client closed the connection before its answer was ready."""


@asynccontextmanager
async def bounded(receive: Receive, *, deadline: float, grace: float) -> AsyncIterator[None]:
    """Cancel what runs inside after `deadline` seconds, or when the client is gone after `grace` seconds.

    Raises DeadlineExceeded or HungUp. Whether the client is gone is not looked at earlier, because nearly
    every request is answered by then and the look costs more than a read. `receive` must have delivered the
    whole body.
    """
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    watch = _HangUpWatch(receive, task)
    timer = loop.call_later(grace, watch.start)
    limit = asyncio.timeout(deadline)
    try:
        async with limit:
            yield
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise DeadlineExceeded(
            f"The request took longer than the {deadline:g} seconds it may take, and was stopped."
        ) from error
    except asyncio.CancelledError:
        if watch.hung_up and task.uncancel() == 0:
            raise HungUp from None
        raise
    finally:
        timer.cancel()
        watch.stop()


class _HangUpWatch:
    """Waits for the end of the connection beside the work on its request."""

    def __init__(self, receive: Receive, work: asyncio.Task[object]) -> None:
        self._receive = receive
        self._work = work
        self._watcher: asyncio.Task[None] | None = None
        self.hung_up = False

    def start(self) -> None:
        self._watcher = asyncio.get_running_loop().create_task(self._wait())

    def stop(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.hung_up = True
        self._work.cancel()
