"""How long structural validation takes, in this process, without any I/O."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from fhir_server.definitions import load_definitions
from fhir_server.validation.structure import StructuralValidator
from tools.bench.material import synthea_resources
from tools.bench.templates import synthetic_bodies

_RESOURCES = 5_000
_EACH = 40


@dataclass(frozen=True, slots=True)
class Timing:
    """The mean microseconds of one resource, the resources and their mean bytes."""

    microseconds: float
    resources: int
    average_bytes: float


def time_validation(conformance: Path | None) -> Timing:
    """Time the accepting path on Synthea's resources where they are at hand, otherwise on synthetic ones."""
    if conformance is None:
        texts = [body for _, body in synthetic_bodies(each=_EACH)]
    else:
        found = islice(synthea_resources(conformance), 0, None, 5)
        texts = [json.dumps(resource, ensure_ascii=False).encode() for resource in islice(found, _RESOURCES)]
    return time_each(StructuralValidator(load_definitions()).decode, texts)


def time_each(work: Callable[[bytes], object], texts: Sequence[bytes], *, passes: int = 5) -> Timing:
    """Call `work` on all texts several times, after one pass that warms everything up.

    Returns the mean CPU time of one call in the best pass, the one that neighbours on the machine disturbed least.
    """
    for text in texts:
        work(text)
    spent = []
    for _ in range(passes):
        started = time.process_time()
        for text in texts:
            work(text)
        spent.append((time.process_time() - started) / len(texts) * 1e6)
    return Timing(min(spent), len(texts), sum(map(len, texts)) / len(texts))
