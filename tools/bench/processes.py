"""What the server's processes cost: CPU time by kind, and the memory of a worker."""

from collections.abc import Iterator
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class CpuTime:
    """Seconds of CPU time, user and system together, that the server and its database have used."""

    server: float
    database: float

    def since(self, earlier: "CpuTime") -> "CpuTime":
        """Return what was used since `earlier`."""
        return CpuTime(self.server - earlier.server, self.database - earlier.database)


def cpu_time(root: psutil.Process) -> CpuTime:
    """Return what a process and all below it have used, PostgreSQL's processes apart, Redis left out."""
    spent = {"server": 0.0, "database": 0.0}
    for process in _tree(root):
        try:
            kind = _kind(process)
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        if kind == "database":
            # A session that ended lives on in its parent's account.
            spent[kind] += times.user + times.system + times.children_user + times.children_system
        elif kind == "server":
            spent[kind] += times.user + times.system
    return CpuTime(**spent)


def worker_memory(root: psutil.Process) -> int:
    """Return the resident bytes of the largest process of the server itself."""
    return max(process.memory_info().rss for process in _tree(root) if _kind(process) == "server")


def _tree(root: psutil.Process) -> Iterator[psutil.Process]:
    yield root
    yield from root.children(recursive=True)


def _kind(process: psutil.Process) -> str:
    name = process.name()
    if name.startswith("postgres"):
        return "database"
    return "other" if name.startswith("redis") else "server"
