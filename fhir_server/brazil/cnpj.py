"""CNPJ, the number of a legal person: eight characters of root, four of branch and two check digits.

Since 2026 the first twelve may be letters as well as digits; the check digits stay digits, and a digit counts
as before, so numbers given earlier keep theirs. https://www.gov.br/receitafederal/pt-br/assuntos/cnpj
"""

import re
import string

SYSTEM = "https://saude.gov.br/fhir/sid/cnpj"

_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_WRITTEN = str.maketrans(string.ascii_lowercase, string.ascii_uppercase, "./- ")
_CHARACTERS = re.compile(r"[0-9A-Z]{12}[0-9]{2}\Z")


def normalise(text: str) -> str:
    """Return `text` in capitals without dots, slash, hyphen and spaces; anything else is left in place."""
    return text.translate(_WRITTEN)


def is_valid(text: str) -> bool:
    """Tell whether `text`, punctuated or not, is a CNPJ, numeric or alphanumeric, whose check digits hold."""
    number = normalise(text)
    return _CHARACTERS.match(number) is not None and len(set(number)) > 1 and number[12:] == check_digits(number[:12])


def check_digits(base: str) -> str:
    """Return the two check digits of the twelve digits and capitals `base`."""
    first = _check_digit(base)
    return first + _check_digit(base + first)


def format(text: str) -> str:
    """Return `text` as `NN.NNN.NNN/NNNN-NN`, whether or not its check digits hold.

    Raises ValueError where it is not twelve letters or digits and two digits.
    """
    number = normalise(text)
    if _CHARACTERS.match(number) is None:
        raise ValueError("a CNPJ has twelve letters or digits and two digits")
    return f"{number[:2]}.{number[2:5]}.{number[5:8]}/{number[8:12]}-{number[12:]}"


def _check_digit(characters: str) -> str:
    weights = _WEIGHTS[-len(characters) :]
    total = sum(_value(character) * weight for character, weight in zip(characters, weights, strict=True))
    rest = total % 11
    return "0" if rest < 2 else str(11 - rest)


def _value(character: str) -> int:
    return ord(character) - ord("0")
