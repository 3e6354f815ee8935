"""Bounds on the work for one request: a deadline, and an end when the client hangs up.

Either cancels the work, and with it the statement that the database is running.
"""

import asyncio
from types import TracebackType

from fhir_server.core.errors import DeadlineExceeded, FhirError
from fhir_server.rest.asgi import Receive


class HungUp(Exception):
    """The client closed the connection before its answer was ready."""


class bounded:  # noqa: N801
    """Cancels what runs inside after `deadline` seconds, or when the client is gone after `grace` seconds.

    Raises DeadlineExceeded or HungUp. Nothing but one timer is set before `grace` is over, because nearly every
    request is answered by then. `receive` must have delivered the whole body.
    """

    __slots__ = ("_deadline", "_grace", "_reason", "_receive", "_task", "_timer", "_watcher")

    def __init__(self, receive: Receive, *, deadline: float, grace: float) -> None:
        self._receive = receive
        self._deadline = deadline
        self._grace = min(grace, deadline)
        self._watcher: asyncio.Task[None] | None = None
        self._reason: FhirError | HungUp | None = None

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task: asyncio.Task[object] = task
        self._timer = asyncio.get_running_loop().call_later(self._grace, self._watch)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
        if self._reason is not None and self._task.uncancel() == 0 and isinstance(error, asyncio.CancelledError):
            raise self._reason from None

    def _watch(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._deadline - self._grace, self._expire)
        self._watcher = asyncio.get_running_loop().create_task(self._wait_for_hang_up())

    def _expire(self) -> None:
        self._stop(
            DeadlineExceeded(
                f"The request took longer than the {self._deadline:g} seconds it may take, and was stopped."
            )
        )

    async def _wait_for_hang_up(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._stop(HungUp())

    def _stop(self, reason: FhirError | HungUp) -> None:
        if self._reason is None:
            self._reason = reason
            self._task.cancel()
