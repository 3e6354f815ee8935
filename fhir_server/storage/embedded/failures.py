"""Failures of the operating system as the one line that a user reads."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fhir_server.core.errors import StartRefused

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def refuse_without_room(path: Path, needed: int) -> None:
    """Raise `StartRefused` where the disk that holds `path` has less than `needed` bytes of room."""
    if shutil.disk_usage(path).free < needed:
        raise disk_full(path)


def disk_full(path: Path) -> StartRefused:
    """Return the refusal for a disk without room below `path`."""
    return StartRefused(f"The disk that holds {path} is full; free some space and start again.")


@contextmanager
def os_errors_refuse(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the work inside, which is done below `path`, into a `StartRefused`."""
    try:
        yield
    except OSError as failure:
        if failure.errno in _FULL:
            raise disk_full(path) from failure
        place = failure.filename or path
        raise StartRefused(f"{place} cannot be used: {failure.strerror or failure}.") from failure
