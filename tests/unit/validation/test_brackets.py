import json

from hypothesis import given
from hypothesis import strategies as st

from fhir_server.validation.brackets import is_bracketed_well, nests_deeper

texts = st.text(alphabet='[]{}"\\a:,')
values = st.recursive(
    st.one_of(texts, st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=30,
)


def depth_of(value: object) -> int:
    """Return how deep the arrays and objects of `value` nest."""
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


def has_empty_object(value: object) -> bool:
    """Tell whether there is an object without members in `value`."""
    if isinstance(value, dict):
        return not value or any(map(has_empty_object, value.values()))
    return isinstance(value, list) and any(map(has_empty_object, value))


@given(value=values)
def test_the_depth_is_that_of_the_value(value: object) -> None:
    text = json.dumps(value).encode()
    depth = depth_of(value)
    assert not nests_deeper(text, depth)
    assert depth == 0 or nests_deeper(text, depth - 1)


@given(value=values, indent=st.sampled_from([None, 1]))
def test_an_empty_object_is_found_wherever_it_is(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent).encode()
    assert is_bracketed_well(text, 1_000) is not has_empty_object(value)


def test_long_nests_are_measured_without_delay() -> None:
    assert nests_deeper(b"[" * 1_000_000, 100)
    assert nests_deeper(b'{"a":[' * 300_000, 100)
    assert not nests_deeper(b"[[" + b"[],{}," * 200_000 + b"1]]", 100)


@given(text=st.binary())
def test_any_bytes_are_answered(text: bytes) -> None:
    assert isinstance(is_bracketed_well(text, 3), bool)
