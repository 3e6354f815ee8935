import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.core.errors import Invalid
from fhir_server.core.instant import to_millisecond
from fhir_server.rest.cursor import read_cursor, write_cursor
from fhir_server.storage.selection import Position

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
POSITIONS = st.builds(
    Position,
    st.datetimes(timezones=st.just(UTC)).map(to_millisecond),
    st.integers(0, 2**63 - 1),
    st.integers(1, 2**63 - 1),
)


@given(POSITIONS, st.none() | st.integers(1, 2**64 - 1))
def test_a_cursor_is_read_back(position: Position, horizon: int | None) -> None:
    assert read_cursor(write_cursor(position, horizon)) == (position, horizon)


@given(POSITIONS, st.none() | st.integers(1, 2**64 - 1))
def test_a_cursor_fits_in_a_url(position: Position, horizon: int | None) -> None:
    text = write_cursor(position, horizon)
    assert len(text) < 60
    assert text.replace("-", "").replace("_", "").isalnum()
    assert text.isascii()


@given(st.text(max_size=60) | st.binary(max_size=48).map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_any_other_text_is_refused_or_read_as_a_place(text: str) -> None:
    try:
        position, _ = read_cursor(text)
    except Invalid:
        return
    assert position.last_updated.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "AAAA",
        "=" * 44,
        write_cursor(Position(NOON, 1, 1), 5)[:-1],
        write_cursor(Position(NOON, 1, 1), 5) + "AAAA",
        "_" + write_cursor(Position(NOON, 1, 1), 5)[1:],
        base64.urlsafe_b64encode(b"\x01" + b"\x7f" * 32).decode(),
    ],
)
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="page link"):
        read_cursor(text)


def test_a_cursor_keeps_milliseconds() -> None:
    moment = NOON + timedelta(milliseconds=1)
    assert read_cursor(write_cursor(Position(moment, 1, 1), None))[0].last_updated == moment
