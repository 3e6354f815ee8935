import pytest

from fhir_server.brazil import cnes


@pytest.mark.parametrize("number", ["2337991", "0012345", " 2337991 "])
def test_seven_digits_are_valid_with_their_zeros_in_front(number: str) -> None:
    assert cnes.is_valid(number)
    assert cnes.format(number) == number.strip()


@pytest.mark.parametrize("number", ["233799", "23379911", "233799A", ""])
def test_anything_else_is_not_valid(number: str) -> None:
    assert not cnes.is_valid(number)
    with pytest.raises(ValueError, match="seven digits"):
        cnes.format(number)
