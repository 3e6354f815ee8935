"""A server that is killed while it writes loses nothing that it acknowledged.

Killed are all of its processes, PostgreSQL's too. What the kernel holds in its page cache survives that, as it would
not survive a power cut: for that PostgreSQL relies on `fsync`, of which only the setting is checked here.
"""

import asyncio
import random
from collections.abc import Callable

from tests.e2e.process_tree import kill_everything
from tests.e2e.stored_state import require_nothing_lost
from tests.e2e.writers import Ledger, Writing
from tests.plugins.process import Neonpro


def test_a_killed_server_keeps_every_acknowledged_write_and_no_half_of_another(
    start_neonpro: Callable[..., Neonpro],
) -> None:
    ledger = Ledger()
    server = start_neonpro(WORKERS="2")
    asyncio.run(Writing(server.base_url, ledger).run(creates=40, updates=0))
    moment = random.randint(350, 650)

    async def kill_in_the_middle(acknowledged: int) -> None:
        if acknowledged == moment:
            await asyncio.to_thread(kill_everything, server)

    writing = Writing(server.base_url, ledger, kill_in_the_middle)
    acknowledged = asyncio.run(writing.run(creates=500, updates=500))
    assert moment <= acknowledged < 1000, "The server was killed in the middle."

    server = start_neonpro(WORKERS="2")
    require_nothing_lost(server, ledger)
    asyncio.run(Writing(server.base_url, ledger).run(creates=50, updates=50))
    require_nothing_lost(server, ledger)
