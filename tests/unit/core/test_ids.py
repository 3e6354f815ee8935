import re

import pytest

from fhir_server.core.ids import is_id, new_id


@pytest.mark.parametrize("text", ["a", "A-9.z", "-", ".", "0" * 64])
def test_letters_digits_hyphens_and_dots_make_an_id(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text", ["", "0" * 65, "a_b", "a/b", "a b", "a\n", "\x00", "é", "\u0661", "a|b", "$op", "urn:uuid:a"]
)
def test_anything_else_is_no_id(text: str) -> None:
    assert not is_id(text)


def test_new_ids_are_uuids_in_lower_case_and_differ() -> None:
    made = {new_id() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", each) and is_id(each) for each in made)
