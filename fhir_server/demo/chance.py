"""Chance that repeats itself: the same seed and place give the same numbers, ids and draws."""

import uuid
from random import Random

from fhir_server.brazil import cns, cpf

_NAMESPACE = uuid.UUID("6f6d1b0c-6f57-5d0e-9a53-6c1f4b1d7a20")
_STRIDE = 618_033_989
"""Shares no factor with a power of ten, so that counting in such steps meets each number once."""


def chance(seed: int, *place: object) -> Random:
    """Return the source of draws for one place of the clinic.

    Each place has its own, so that one more draw here changes nothing elsewhere.
    """
    return Random(_path(seed, place))  # noqa: S311 - nothing secret is drawn, and it has to repeat.


def resource_id(seed: int, *place: object) -> str:
    """Return the logical id of the resource at this place: a name-based UUID."""
    return str(uuid.uuid5(_NAMESPACE, _path(seed, place)))


def cpf_of(seed: int, index: int) -> str:
    """Return a valid CPF, another one for each index below 10**9."""
    base = f"{_spread(seed, 'cpf', index, limit=10**9):09}"
    if len(set(base)) == 1:
        base = "012345678"
    return base + cpf.check_digits(base)


def definitive_cns_of(seed: int, index: int) -> str:
    """Return a valid definitive CNS, another one for each index below 10**10."""
    return cns.definitive(f"{1 + index % 2}{_spread(seed, 'cns', index, limit=10**10):010}")


def provisional_cns_of(seed: int, index: int) -> str:
    """Return a valid provisional CNS, another one for each index below 10**10."""
    start = f"{7 + index % 2}{_spread(seed, 'cns', index, limit=10**10):010}"
    numbers = (cns.provisional(f"{start}{filler:03}") for filler in range(1000))
    return next(number for number in numbers if number is not None)


def _spread(seed: int, kind: str, index: int, *, limit: int) -> int:
    offset = chance(seed, kind).randrange(limit)
    return (offset + index * _STRIDE) % limit


def _path(seed: int, place: tuple[object, ...]) -> str:
    return "/".join(str(part) for part in (seed, *place))
