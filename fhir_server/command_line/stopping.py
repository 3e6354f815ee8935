"""What the signals to stop do to `neonpro serve` before and after its workers run."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

# Asked to stop, interrupted from the keyboard, and its terminal closed.
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def stop_signals_end_the_process() -> Iterator[None]:
    """Let `STOP_SIGNALS` end the process with exit code 0, after what is open was closed.

    Those that it was started to ignore, as `nohup` does, stay ignored.
    """
    before = {
        number: signal.signal(number, _end) for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    # A second signal would interrupt the stopping that the first one began.
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)
