import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.core.errors import Invalid
from fhir_server.core.json import canonical
from fhir_server.rest.pretty import parse_pretty, pretty


@pytest.mark.parametrize(("value", "expected"), [(None, False), ("false", False), ("true", True)])
def test_the_parameter_is_read(value: str | None, expected: bool) -> None:
    assert parse_pretty(value) is expected


@pytest.mark.parametrize("value", ["", "yes", "TRUE", "1"])
def test_another_value_is_invalid(value: str) -> None:
    with pytest.raises(Invalid, match="_pretty"):
        parse_pretty(value)


def test_text_is_indented_and_numbers_keep_their_text() -> None:
    assert pretty(b'{"a":[1.50,1e2]}') == b'{\n  "a": [\n    1.50,\n    1e2\n  ]\n}'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_indenting_changes_no_value(value: object) -> None:
    text = json.dumps(value).encode()
    assert canonical(pretty(text)) == canonical(text)
