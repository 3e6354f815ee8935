"""CNES, the number of a health establishment in the national register: seven digits, zeros in front included.

https://cnes.datasus.gov.br
"""

import re

SYSTEM = "https://saude.gov.br/fhir/sid/cnes"

_SEPARATORS = str.maketrans("", "", ".- ")
_DIGITS = re.compile(r"[0-9]{7}\Z")


def normalise(text: str) -> str:
    """Return `text` without spaces, dots and hyphens; zeros in front are part of the number and stay."""
    return text.translate(_SEPARATORS)


def is_valid(text: str) -> bool:
    """Tell whether `text` has the shape of a CNES; no rule for its check digit is published."""
    return _DIGITS.match(normalise(text)) is not None


def format(text: str) -> str:
    """Return `text` as its seven digits, which is how it is written.

    Raises ValueError where it has not seven digits.
    """
    number = normalise(text)
    if _DIGITS.match(number) is None:
        raise ValueError("a CNES has seven digits")
    return number
