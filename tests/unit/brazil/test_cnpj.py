import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.brazil import cnpj

NUMERIC = st.from_regex(r"[0-9]{12}", fullmatch=True)
ALPHANUMERIC = st.text(string.digits + string.ascii_uppercase, min_size=12, max_size=12)


@pytest.mark.parametrize("number", ["11222333000181", "11.222.333/0001-81", "12ABC34501DE35", "12.abc.345/01de-35"])
def test_a_number_whose_check_digits_hold_is_valid_with_or_without_letters(number: str) -> None:
    assert cnpj.is_valid(number)


@pytest.mark.parametrize(
    "number",
    [
        "11222333000180",
        "12ABC34501DE34",
        "12ABC34501DE3O",
        "12ABC34501DEA5",
        "1122233300018",
        "00000000000000",
        "11222333000181 SA",
        "1122233300018١",
        "",
    ],
)
def test_a_wrong_number_or_a_letter_among_the_check_digits_is_not_valid(number: str) -> None:
    assert not cnpj.is_valid(number)


@given(NUMERIC | ALPHANUMERIC)
def test_any_base_with_its_check_digits_survives_formatting_and_lower_case(base: str) -> None:
    number = base + cnpj.check_digits(base)
    assert cnpj.is_valid(number) is (len(set(number)) > 1)
    assert cnpj.normalise(cnpj.format(number).lower()) == number


def test_letters_outside_ascii_are_not_taken_for_capitals() -> None:
    assert cnpj.normalise("12ıſß") == "12ıſß"


def test_formatting_needs_fourteen_characters() -> None:
    assert cnpj.format("12ABC34501DE35") == "12.ABC.345/01DE-35"
    with pytest.raises(ValueError, match="twelve letters or digits"):
        cnpj.format("12ABC345")
