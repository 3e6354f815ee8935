import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.brazil import crm
from fhir_server.brazil.crm import Crm

VALID = st.builds(Crm, st.integers(1, 9_999_999).map(str), st.sampled_from(sorted(crm.STATES)))


@pytest.mark.parametrize(
    "text",
    ["CRM/SP 123456", "CRM-SP 123456", "CRM SP: 123456", "123456/SP", "123456-sp", "0123456 SP", "123.456-SP"],
)
def test_every_way_of_writing_a_registration_means_the_same(text: str) -> None:
    assert crm.parse(text) == Crm("123456", "SP")


@pytest.mark.parametrize("text", ["52-12345-6/RJ", "CRM-RJ 52-12345-6", "123456 RJ"])
def test_the_prefix_that_rio_writes_is_not_part_of_the_number(text: str) -> None:
    assert crm.parse(text) == Crm("123456", "RJ")


@pytest.mark.parametrize("text", ["123456", "12345678/SP", "123456/XX", "0/SP", "SP", "CRM/SP", ""])
def test_a_text_without_state_or_with_a_wrong_number_is_no_registration(text: str) -> None:
    assert crm.parse(text) is None


@given(VALID)
def test_a_registration_survives_formatting(registration: Crm) -> None:
    assert crm.is_valid(registration)
    assert crm.parse(crm.format(registration)) == registration


def test_there_is_one_system_for_each_state() -> None:
    assert Crm("123456", "MG").system == "https://saude.gov.br/fhir/sid/crm-mg"
    assert len(crm.STATES) == 27
