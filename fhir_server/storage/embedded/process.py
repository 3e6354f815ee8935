"""Starting, watching and stopping the embedded servers' processes."""

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fhir_server.storage.embedded.os_user import OsUser

_PR_SET_PDEATHSIG = 1
_PAUSE = 0.01
_libc = ctypes.CDLL(None, use_errno=True)


def spawn(
    arguments: Sequence[str],
    *,
    user: OsUser | None,
    folder: Path,
    log: Path,
    end_with_parent: signal.Signals,
    feed: bytes = b"",
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, as `user`, and return its process.

    It runs in `folder`, writes both outputs to `log`, reads `feed` and sees nothing of our environment. The
    kernel sends it `end_with_parent` should this process die, provided that the main thread starts it: the
    signal is bound to the starting thread.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        process = subprocess.Popen(  # noqa: S603 - programs of the installed wheels
            list(arguments),
            stdin=subprocess.PIPE,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            cwd=folder,
            umask=0o077,
            start_new_session=True,
            preexec_fn=_end_with_parent(end_with_parent),
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=() if user else None,
        )
    finally:
        os.close(descriptor)
    assert process.stdin is not None
    with process.stdin as stdin:
        stdin.write(feed)
    return process


def end_with_parent(signal_number: signal.Signals) -> None:
    """Have the kernel send `signal_number` to this process when its parent dies."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)


def _end_with_parent(signal_number: signal.Signals) -> Callable[[], None] | None:
    if threading.current_thread() is not threading.main_thread():
        return None
    # It runs after the change of user, which would clear the setting.
    return lambda: end_with_parent(signal_number)


def stop(process: subprocess.Popen[bytes], signals: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send the signals in turn, each with the seconds to wait for the end; return when the process ended."""
    for number, seconds in signals:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until `condition` holds; return False when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True


def command_line(pid: int) -> list[str]:
    """Return the arguments, or the title, of a running process; empty when there is none, or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def stop_left_over(pid: int, *, shows: str, number: signal.Signals, seconds: float) -> bool:
    """End a server that outlived the process that had started it; return False when it does not end in time.

    Only a process whose command line holds `shows` is ours: its number may have been given to another since.
    """
    if not is_left_over(pid, shows):
        return True
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return True
    return wait_until(lambda: not is_left_over(pid, shows), seconds)


def is_left_over(pid: int, shows: str) -> bool:
    """Tell whether process `pid` runs and its command line holds `shows`."""
    return any(shows in argument for argument in command_line(pid))
