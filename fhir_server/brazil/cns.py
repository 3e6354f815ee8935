"""CNS, the number of the national health card: fifteen digits, written `NNN NNNN NNNN NNNN`.

A definitive number starts with 1 or 2 and is made of an eleven-digit base, a filler `000` or `001` and a
check digit; a provisional one starts with 7, 8 or 9. Either satisfies the same weighted sum.
https://integracao.esusab.ufsc.br/ledi/documentacao/regras/algoritmo_CNS.html
"""

import re

SYSTEM = "https://saude.gov.br/fhir/sid/cns"

_SEPARATORS = str.maketrans("", "", ".- ")
_DIGITS = re.compile(r"[0-9]{15}\Z")
_PROVISIONAL = re.compile(r"[789][0-9]{14}\Z")


def normalise(text: str) -> str:
    """Return `text` without spaces, dots and hyphens; anything else stays, for `is_valid` to refuse."""
    return text.translate(_SEPARATORS)


def is_valid(text: str) -> bool:
    """Tell whether `text`, punctuated or not, is a definitive or provisional CNS whose check digit holds."""
    number = normalise(text)
    if _DIGITS.match(number) is None:
        return False
    if number[0] in "12":
        return number == definitive(number[:11])
    return _PROVISIONAL.match(number) is not None and _weighted_sum(number) % 11 == 0


def definitive(base: str) -> str:
    """Return the definitive CNS of the eleven digits `base`, whose first is 1 or 2.

    Where the sum would ask for the check digit 10, the filler becomes `001` and the digit is counted again.
    """
    filler, digit = "000", -_weighted_sum(base) % 11
    if digit == 10:
        filler = "001"
        digit = -_weighted_sum(base + filler) % 11
    return f"{base}{filler}{digit}"


def provisional(base: str) -> str | None:
    """Return the provisional CNS that begins with the fourteen digits `base`, the first 7, 8 or 9.

    None comes back for the one base in eleven that would need the check digit 10.
    """
    digit = -_weighted_sum(base) % 11
    return None if digit == 10 else f"{base}{digit}"


def format(text: str) -> str:
    """Return `text` as `NNN NNNN NNNN NNNN`, whether or not its check digit holds.

    Raises ValueError where it has not fifteen digits.
    """
    number = normalise(text)
    if _DIGITS.match(number) is None:
        raise ValueError("a CNS has fifteen digits")
    return f"{number[:3]} {number[3:7]} {number[7:11]} {number[11:]}"


def _weighted_sum(digits: str) -> int:
    """Return the sum with the weights 15, 14 and so on from the left."""
    return sum(int(digit) * (15 - position) for position, digit in enumerate(digits))
