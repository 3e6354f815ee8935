"""The operating system user of the embedded servers: neither PostgreSQL nor patient data runs as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fhir_server.core.errors import StartRefused

NAME = "neonpro"
_SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class OsUser:
    """A user other than the one this process runs as."""

    name: str
    uid: int
    gid: int


def servers_user() -> OsUser | None:
    """Return the user that runs the embedded servers, or None when this process may run them as itself.

    Run by root, that is the system user `neonpro`, which is made when it is missing.
    Raises `StartRefused` where it cannot be made.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        _create()
        entry = pwd.getpwnam(NAME)
    if entry.pw_uid == 0:
        raise StartRefused(f"The operating system user {NAME} is root under another name; rename it.")
    return OsUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create() -> None:
    useradd = shutil.which("useradd", path=_SYSTEM_PATH)
    arguments = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    made = useradd and subprocess.run(  # noqa: S603 - constant arguments
        [useradd, *arguments, "--shell", "/usr/sbin/nologin", NAME], capture_output=True, check=False
    )
    if not made or made.returncode != 0:
        raise StartRefused(
            f"PostgreSQL does not run as root, and the system user {NAME} cannot be made; "
            f"make a system user {NAME} or start as a normal user."
        )


def may_enter(user: OsUser | None, folder: Path) -> bool:
    """Tell whether `user` (None: this process) can enter `folder` through all its parents."""
    return _test(user, "-x", folder)


def may_read(user: OsUser | None, file: Path) -> bool:
    """Tell whether `user` (None: this process) can read `file`."""
    return _test(user, "-r", file)


def _test(user: OsUser | None, condition: str, path: Path) -> bool:
    if user is None:
        return os.access(path, os.X_OK if condition == "-x" else os.R_OK)
    # Asking the kernel as that user is the only answer that knows access lists and mount options.
    test = shutil.which("test", path=_SYSTEM_PATH)
    if test is None:
        return False
    done = subprocess.run(  # noqa: S603 - an absolute program with a path as its own argument
        [test, condition, str(path)], user=user.uid, group=user.gid, extra_groups=(), cwd="/", check=False
    )
    return done.returncode == 0
