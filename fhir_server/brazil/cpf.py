"""CPF, the number of a natural person: nine digits and two check digits, written `529.982.247-25`.

https://www.gov.br/receitafederal/pt-br/assuntos/meu-cpf
"""

import re

SYSTEM = "https://saude.gov.br/fhir/sid/cpf"

_SEPARATORS = str.maketrans("", "", ".- ")
_DIGITS = re.compile(r"[0-9]{11}\Z")


def normalise(text: str) -> str:
    """Return `text` without dots, hyphens and spaces; anything else stays, for `is_valid` to refuse."""
    return text.translate(_SEPARATORS)


def is_valid(text: str) -> bool:
    """Tell whether `text`, punctuated or not, is a CPF whose check digits hold.

    Eleven equal digits satisfy the sum and are no CPF all the same.
    """
    number = normalise(text)
    return _DIGITS.match(number) is not None and len(set(number)) > 1 and number[9:] == check_digits(number[:9])


def check_digits(base: str) -> str:
    """Return the two check digits of the nine digits `base`."""
    first = _check_digit(base)
    return first + _check_digit(base + first)


def format(text: str) -> str:
    """Return `text` as `NNN.NNN.NNN-NN`, whether or not its check digits hold.

    Raises ValueError where it has not eleven digits.
    """
    number = normalise(text)
    if _DIGITS.match(number) is None:
        raise ValueError("a CPF has eleven digits")
    return f"{number[:3]}.{number[3:6]}.{number[6:9]}-{number[9:]}"


def _check_digit(digits: str) -> str:
    weights = range(len(digits) + 1, 1, -1)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return str(total * 10 % 11 % 10)
