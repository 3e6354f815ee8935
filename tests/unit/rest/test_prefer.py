import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.rest.prefer import NO_PREFERENCES, Handling, Preferences, Return, parse_prefer


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, NO_PREFERENCES),
        ("", NO_PREFERENCES),
        ("return=minimal", Preferences(returned=Return.MINIMAL)),
        ("return=representation", Preferences(returned=Return.REPRESENTATION)),
        ("return=OperationOutcome", Preferences(returned=Return.OPERATION_OUTCOME)),
        ("Return = OPERATIONOUTCOME", Preferences(returned=Return.OPERATION_OUTCOME)),
        ('return="minimal"', Preferences(returned=Return.MINIMAL)),
        ("return=minimal; foo=bar", Preferences(returned=Return.MINIMAL)),
        ("handling=strict", Preferences(handling=Handling.STRICT)),
        ("handling=lenient", Preferences(handling=Handling.LENIENT)),
        ("respond-async", Preferences(respond_async=True)),
        (
            "respond-async, wait=10, return=minimal,handling=strict",
            Preferences(Return.MINIMAL, Handling.STRICT, respond_async=True),
        ),
        ("return=minimal, return=representation", Preferences(returned=Return.MINIMAL)),
        ("return=everything", NO_PREFERENCES),
        ('x="return=minimal, respond-async"', NO_PREFERENCES),
        (", ,;=", NO_PREFERENCES),
        ("x" * 300 + ", return=minimal", Preferences(returned=Return.MINIMAL)),
    ],
)
def test_preferences_are_read_as_rfc_7240_says(header: str | None, expected: Preferences) -> None:
    assert parse_prefer(header) == expected


@given(st.text(max_size=300))
def test_no_header_fails(header: str) -> None:
    assert isinstance(parse_prefer(header), Preferences)
