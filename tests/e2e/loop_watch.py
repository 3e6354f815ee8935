"""Watching an event loop for the time that it is kept from its other work."""

import selectors
import time


class WatchedSelector(selectors.DefaultSelector):
    """The selector of an event loop; between two calls of `select` the loop runs without looking up.

    `longest` holds, for each `phase` that was set, the seconds of the longest such stretch. Time is that of the loop's
    thread on a processor, so that a machine with other things to do does not count; garbage collection does.
    """

    def __init__(self) -> None:
        super().__init__()
        self.phase = ""
        self.longest: dict[str, float] = {}
        self._since: float | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait as the loop asks, and measure how long it was away."""
        if self._since is not None:
            stretch = time.thread_time() - self._since
            self.longest[self.phase] = max(stretch, self.longest.get(self.phase, 0.0))
        try:
            return super().select(timeout)
        finally:
            self._since = time.thread_time()
