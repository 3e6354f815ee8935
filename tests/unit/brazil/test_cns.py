import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.brazil import cns

DEFINITIVE_BASES = st.from_regex(r"[12][0-9]{10}", fullmatch=True)
PROVISIONAL_BASES = st.from_regex(r"[789][0-9]{13}", fullmatch=True)


@pytest.mark.parametrize(
    "number",
    [
        "100000000000007",
        "170332595040000",
        "120475646410018",
        "898000000043208",
        "700 0000 0000 0005",
    ],
)
def test_definitive_and_provisional_numbers_whose_check_digit_holds_are_valid(number: str) -> None:
    assert cns.is_valid(number)


@pytest.mark.parametrize(
    "number",
    [
        "100000000000000",
        "700000000000001",
        "300000000000000",
        "70000000000000",
        "7000000000000050",
        "70000000000000x",
        "",
    ],
)
def test_a_number_that_is_wrong_or_begins_with_another_digit_is_not_valid(number: str) -> None:
    assert not cns.is_valid(number)


def test_a_definitive_number_with_a_right_sum_but_no_filler_is_not_valid() -> None:
    number = "123456789010108"
    assert sum(int(digit) * (15 - place) for place, digit in enumerate(number)) % 11 == 0
    assert not cns.is_valid(number)


@given(DEFINITIVE_BASES)
def test_any_definitive_base_makes_a_valid_number_that_survives_formatting(base: str) -> None:
    number = cns.definitive(base)
    assert number.startswith(base)
    assert number[11:14] in ("000", "001")
    assert cns.is_valid(number)
    assert cns.normalise(cns.format(number)) == number


@given(PROVISIONAL_BASES)
def test_a_provisional_base_makes_a_valid_number_or_has_none(base: str) -> None:
    number = cns.provisional(base)
    others = [f"{base}{digit}" for digit in range(10) if f"{base}{digit}" != number]
    assert number is None or cns.is_valid(number)
    assert not any(cns.is_valid(other) for other in others)


def test_formatting_needs_fifteen_digits() -> None:
    assert cns.format("700000000000005") == "700 0000 0000 0005"
    with pytest.raises(ValueError, match="fifteen digits"):
        cns.format("7000")
