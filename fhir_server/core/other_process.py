"""Work that would keep the event loop busy for too long, done in another process."""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from functools import partial
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar, TypeVarTuple

from fhir_server.core.errors import Overloaded
from fhir_server.core.outcome import IssueType

Given = TypeVarTuple("Given")
Found = TypeVar("Found")


class OtherProcess:
    """One process beside this one, started at the first use, which takes a second; it does one thing at a time.

    A thread would not do: code in C, such as the JSON decoder, holds the interpreter's lock.
    """

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    async def run(self, function: Callable[[*Given], Found], *arguments: *Given) -> Found:
        """Return `function(*arguments)`. The function is known by its name; all travels as pickles.

        Raises Overloaded where the process was killed; the next use starts another.
        """
        try:
            # In a thread, because the first call starts the process, which takes long where there is much memory.
            submitted = await asyncio.to_thread(partial(self._submit, function, *arguments))
            return await asyncio.wrap_future(submitted)
        except BrokenExecutor as error:
            self._pool = None
            raise Overloaded(
                "The process that does long work ended; try again shortly.", code=IssueType.TRANSIENT
            ) from error

    def _submit(self, function: Callable[[*Given], Found], *arguments: *Given) -> Future[Found]:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
            return self._pool.submit(function, *arguments)
