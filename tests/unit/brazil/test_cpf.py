import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.brazil import cpf

BASES = st.from_regex(r"[0-9]{9}", fullmatch=True).filter(lambda base: len(set(base)) > 1)


@pytest.mark.parametrize("number", ["52998224725", "529.982.247-25", "00000000191", "11144477735"])
def test_a_number_whose_check_digits_hold_is_valid(number: str) -> None:
    assert cpf.is_valid(number)


@pytest.mark.parametrize(
    "number",
    [
        "52998224724",
        "52998224715",
        "5299822472",
        "529982247250",
        "5299822472A",
        "٥٢٩٩٨٢٢٤٧٢٥",
        "CPF 529.982.247-25",
        "",
    ],
)
def test_a_number_that_is_wrong_too_short_too_long_or_not_of_digits_is_not_valid(number: str) -> None:
    assert not cpf.is_valid(number)


@pytest.mark.parametrize("digit", "0123456789")
def test_eleven_equal_digits_are_no_cpf_although_their_sum_holds(digit: str) -> None:
    assert cpf.check_digits(digit * 9) == digit * 2
    assert not cpf.is_valid(digit * 11)


@given(BASES)
def test_any_base_with_its_check_digits_is_valid_and_survives_formatting(base: str) -> None:
    number = base + cpf.check_digits(base)
    assert cpf.is_valid(number)
    assert cpf.normalise(cpf.format(number)) == number


def test_formatting_needs_eleven_digits() -> None:
    assert cpf.format("52998224725") == "529.982.247-25"
    with pytest.raises(ValueError, match="eleven digits"):
        cpf.format("529982247")
