"""How long structural validation takes, in this process, without any I/O."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Timing:
    """The mean microseconds of one resource, the median of several passes, and the resources' mean bytes."""

    microseconds: float
    resources: int
    average_bytes: float


def time_each(work: Callable[[bytes], object], texts: Sequence[bytes], *, passes: int = 5) -> Timing:
    """Call `work` on all texts several times, after one pass that warms everything up."""
    for text in texts:
        work(text)
    spent = []
    for _ in range(passes):
        started = time.process_time()
        for text in texts:
            work(text)
        spent.append((time.process_time() - started) / len(texts) * 1e6)
    return Timing(median(spent), len(texts), sum(map(len, texts)) / len(texts))
