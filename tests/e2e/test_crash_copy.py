"""A copy of the data directory, taken while the server writes, is a server with everything acknowledged by then.

PostgreSQL promises nothing about files that are copied one after the other while it changes them; its promise is about
one moment: an image of all files as they were at once is what a crash would have left, from which it recovers. File
systems and volumes make such images (snapshots). Here every process of PostgreSQL is stopped in place (SIGSTOP) while
the files are copied, which has the same effect; clients and workers are not told and merely wait.
"""

import asyncio
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.process_tree import go_on, postgresql_processes, stop_in_place
from tests.e2e.stored_state import require_nothing_lost
from tests.e2e.writers import Ledger, Writing
from tests.plugins.process import Neonpro
from tests.plugins.servers import temporary_folder


def _copy_at_one_moment(server: Neonpro, place: Path) -> None:
    processes = postgresql_processes(server)
    stop_in_place(processes)
    try:
        subprocess.run(["cp", "--archive", str(server.data), str(place)], check=True)
    finally:
        go_on(processes)


@pytest.fixture
def place() -> Iterator[Path]:
    """Yield where the copy goes."""
    with temporary_folder() as path:
        yield path


def test_a_copy_taken_in_the_middle_of_writing_holds_every_write_acknowledged_before(
    start_neonpro: Callable[..., Neonpro], place: Path
) -> None:
    ledger, of_the_copy = Ledger(), Ledger()
    server = start_neonpro(WORKERS="2")
    asyncio.run(Writing(server.base_url, ledger).run(creates=40, updates=0))
    moment = random.randint(350, 650)

    async def copy_in_the_middle(acknowledged: int) -> None:
        if acknowledged == moment:
            of_the_copy.acknowledged |= ledger.acknowledged
            await asyncio.to_thread(_copy_at_one_moment, server, place)

    writing = Writing(server.base_url, ledger, copy_in_the_middle)
    assert asyncio.run(writing.run(creates=500, updates=500)) == 1000
    require_nothing_lost(server, ledger)

    copied = start_neonpro(WORKERS="2", DATA_DIR=str(place))
    # What was on its way when the copy was taken may or may not be in it.
    of_the_copy.sent |= ledger.sent
    require_nothing_lost(copied, of_the_copy)
    require_nothing_lost(server, ledger)
