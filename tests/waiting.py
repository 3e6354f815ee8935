"""Waiting in asynchronous tests: for what is needed, never for a time."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE = 30.0
"""Seconds that anything may take on a busy machine."""


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return when `condition` holds. Raises TimeoutError where it does not in good time."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.002)
