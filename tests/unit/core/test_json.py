import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.core.json import canonical, dump, items, join_items, join_members, members

NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | TEXTS | NUMBERS.map(lambda text: msgspec.Raw(text.encode())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def text_of(value: Any) -> bytes:
    return msgspec.json.encode(value)


def exact(text: bytes) -> Any:
    """Return the values of a JSON text with every number as its text."""
    return json.loads(text, parse_float=lambda number: ("number", number), parse_int=lambda number: ("number", number))


@given(VALUES)
def test_a_canonical_text_has_the_same_values(value: Any) -> None:
    text = text_of(value)
    assert exact(canonical(text)) == exact(text)


@given(VALUES)
def test_the_canonical_text_of_a_canonical_text_is_itself(value: Any) -> None:
    once = canonical(text_of(value))
    assert canonical(once) == once


@given(st.dictionaries(TEXTS, VALUES, max_size=5), st.randoms())
def test_order_white_space_and_escapes_do_not_matter(value: dict[str, Any], random: Any) -> None:
    names = list(value)
    random.shuffle(names)
    text = text_of(value)
    other = text_of({name: value[name] for name in names})
    assert canonical(msgspec.json.format(other, indent=3)) == canonical(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"b":1.50,"a":1e2}', b'{"a":1e2,"b":1.50}'),
        (b'[-0, 100, 1E+2, "1.50"]', b'[-0,100,1E+2,"1.50"]'),
        (b'{"b":{"d":null,"c":[]},"a":{}}', b'{"a":{},"b":{"c":[],"d":null}}'),
        ('"\\u00e9é"'.encode(), '"éé"'.encode()),
    ],
)
def test_a_canonical_text_sorts_names_and_keeps_numbers(text: bytes, expected: bytes) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize(("first", "second"), [(b"1.5", b"1.50"), (b"100", b"1e2"), (b"0", b"-0"), (b"1", b'"1"')])
def test_numbers_of_other_texts_are_other_values(first: bytes, second: bytes) -> None:
    assert canonical(first) != canonical(second)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_members_are_joined_to_the_same_values(value: dict[str, Any]) -> None:
    text = text_of(value)
    assert join_members(members(text)) == text


@given(st.lists(VALUES, max_size=5))
def test_items_are_joined_to_the_same_text(value: list[Any]) -> None:
    text = text_of(value)
    assert join_items(items(text)) == text


def test_members_and_items_are_exact_texts() -> None:
    assert {name: bytes(raw) for name, raw in members(b'{"a":1.50,"b":[1e2]}').items()} == {"a": b"1.50", "b": b"[1e2]"}
    assert [bytes(raw) for raw in items(b'[1.50,"\\u00e9"]')] == [b"1.50", b'"\\u00e9"']


@pytest.mark.parametrize("text", [b"[]", b"1", b'{"a"}', b"", b"null"])
def test_what_is_no_object_has_no_members(text: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        members(text)


@pytest.mark.parametrize("text", [b"{}", b"1", b"[1", b"", b"null"])
def test_what_is_no_array_has_no_items(text: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        items(text)


def test_data_is_dumped_without_white_space() -> None:
    assert dump({"a": [1, "é", None, True]}) == '{"a":[1,"é",null,true]}'.encode()
    assert dump(Decimal("1.50")) == b'"1.50"'
