"""The processes of a server: its main process, the workers, PostgreSQL and Redis."""

import signal

import psutil

from tests.plugins.process import Neonpro

_PATIENCE = 30.0


def postgresql_processes(server: Neonpro) -> list[psutil.Process]:
    """Return PostgreSQL's own processes: the postmaster first, then the sessions and helpers that it started."""
    (postmaster,) = [each for each in psutil.Process(server.pid).children() if each.name() == "postgres"]
    return [postmaster, *postmaster.children(recursive=True)]


def kill_everything(server: Neonpro) -> None:
    """Kill every process of the server at once (SIGKILL), and return when all are gone.

    PostgreSQL goes first, and its postmaster before its sessions, so that nobody is left to tidy up.
    """
    database = postgresql_processes(server)
    others = psutil.Process(server.pid).children(recursive=True)
    doomed = [*database, *(each for each in others if each not in database), psutil.Process(server.pid)]
    for each in doomed:
        each.send_signal(signal.SIGKILL)
    server.process.wait()
    _, alive = psutil.wait_procs(doomed, timeout=_PATIENCE)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]


def stop_in_place(processes: list[psutil.Process]) -> None:
    """Freeze `processes`, in their order, until they are told to go on; return when all stand still."""
    for each in processes:
        each.suspend()


def go_on(processes: list[psutil.Process]) -> None:
    """Let frozen processes go on."""
    for each in processes:
        each.resume()
