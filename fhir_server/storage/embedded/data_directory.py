"""The data directory: one folder, one server at a time, a format that is written down.

neonpro.json        the format of the directory and the release that used it last
lock                held by the server while it runs; names its process and host
credentials.json    the passwords of the embedded servers, for their owner only
postgresql/ redis/  what they store
run/                their sockets, for their owner only
log/                what they report
programs/           a copy of them, where their user cannot reach the installation
"""

import fcntl
import hashlib
import json
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fhir_server import __version__
from fhir_server.core.errors import StartRefused
from fhir_server.storage.embedded.credentials import Credentials, load_credentials
from fhir_server.storage.embedded.failures import os_errors_refuse
from fhir_server.storage.embedded.files import write_durably
from fhir_server.storage.embedded.os_user import OsUser, may_enter, servers_user

FORMAT = 1

# The address of a Unix socket holds 108 bytes, the last of which is zero.
_LONGEST_SOCKET = 107
_SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """A data directory whose lock this process holds; `user` (None: this process's) runs its servers."""

    path: Path
    sockets: Path
    credentials: Credentials
    user: OsUser | None

    @property
    def logs(self) -> Path:
        """The folder of the servers' logs."""
        return self.path / "log"

    def folder(self, name: str) -> Path:
        """Return the folder `name` of the servers' user, made when missing."""
        return make_folder(self.path / name, self.user)


@contextmanager
def open_data_directory(path: Path) -> Iterator[DataDirectory]:
    """Hold the data directory at `path`, which is made when missing.

    Raises `StartRefused` where another server holds it, a newer release wrote it, it is not one, or the
    operating system does not allow it.
    """
    with os_errors_refuse(path):
        path = path.resolve()
        user = servers_user()
        _make(path, user)
        lock = _lock(path)
    try:
        with os_errors_refuse(path):
            opened = _open(path, user)
        yield opened
    finally:
        os.close(lock)


def sockets_folder(path: Path) -> Path:
    """Return where the sockets of a data directory lie: inside, or in a short folder if its path is long."""
    inside = path / "run"
    if len(os.fsencode(inside / _SOCKET)) <= _LONGEST_SOCKET:
        return inside
    short = Path("/run") if os.geteuid() == 0 and os.path.isdir("/run") else Path(tempfile.gettempdir())
    return short / f"neonpro-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}"


def make_folder(path: Path, user: OsUser | None) -> Path:
    """Make a folder that only `user` (None: this process's user) can enter, unless it is there; return it.

    Raises `StartRefused` where what is there belongs to somebody else.
    """
    owner = user.uid if user else os.geteuid()
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        if user:
            os.chown(path, user.uid, user.gid)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()) or found.st_mode & 0o077:
        raise StartRefused(f"{path} should be a folder that only the servers' user can enter; remove it.")
    if found.st_uid != owner and user:
        # A start that was killed between the two calls above leaves it to us.
        os.chown(path, user.uid, user.gid)
    return path


def _make(path: Path, user: OsUser | None) -> None:
    if not path.exists():
        path.mkdir(mode=0o700, parents=True)
        if user:
            os.chown(path, 0, user.gid)
            path.chmod(0o710)
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise StartRefused(f"The data directory {path} belongs to another user.")
    if user and not may_enter(user, path):
        raise StartRefused(
            f"The operating system user {user.name}, who runs PostgreSQL, cannot enter {path}; "
            "choose another NEONPRO_DATA_DIR, for example /var/lib/neonpro."
        )


def _lock(path: Path) -> int:
    """Take the lock and return its descriptor; the kernel drops it with the process, so it is never stale."""
    lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.write(lock, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
    except BlockingIOError as failure:
        holder = os.read(lock, 200).decode(errors="replace").strip()
        os.close(lock)
        raise StartRefused(f"Another server ({holder}) uses the data directory {path}.") from failure
    except OSError:
        os.close(lock)
        raise
    return lock


def _open(path: Path, user: OsUser | None) -> DataDirectory:
    _check_format(path)
    (path / "log").mkdir(mode=0o700, exist_ok=True)
    credentials = load_credentials(path, may_create=not (path / "postgresql").exists())
    return DataDirectory(path, make_folder(sockets_folder(path), user), credentials, user)


def _check_format(path: Path) -> None:
    record = path / "neonpro.json"
    present = json.dumps({"format": FORMAT, "release": __version__})
    if record.exists():
        _refuse_newer(path, record)
        if record.read_text() == present:
            return
    elif {found.name for found in path.iterdir()} - {"lock", "neonpro.json.new"}:
        raise StartRefused(f"{path} holds other files and is no data directory; choose an empty folder.")
    write_durably(record, present, mode=0o644)


def _refuse_newer(path: Path, record: Path) -> None:
    try:
        found = json.loads(record.read_bytes())
        number, release = int(found["format"]), str(found["release"])
    except (ValueError, KeyError, TypeError) as failure:
        raise StartRefused(f"{record} is damaged; restore it from a backup.") from failure
    if number > FORMAT:
        raise StartRefused(
            f"The data directory {path} was made by the newer release {release} (format {number}); "
            f"this is release {__version__}, which knows format {FORMAT}."
        )
