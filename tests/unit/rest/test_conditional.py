from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.core.errors import Invalid
from fhir_server.core.instant import format_http_date
from fhir_server.rest.conditional import (
    ANY,
    UNCONDITIONAL,
    Conditions,
    etag,
    if_match_holds,
    if_none_match_holds,
    is_not_modified,
    parse_conditions,
)

MODIFIED = datetime(2026, 1, 31, 12, 0, 0, 123_000, tzinfo=UTC)
AT = "Sat, 31 Jan 2026 12:00:00 GMT"
BEFORE = "Sat, 31 Jan 2026 11:59:59 GMT"


def test_the_tag_of_a_version_is_weak() -> None:
    assert etag(3) == 'W/"3"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('W/"3"', frozenset({"3"})),
        ('"3"', frozenset({"3"})),
        (' W/"3" ,"4",, "a,b" ', frozenset({"3", "4", "a,b"})),
        ("*", ANY),
        (" * ", ANY),
    ],
)
def test_entity_tags_are_read(header: str, expected: frozenset[str]) -> None:
    assert parse_conditions(header).if_match == expected
    assert parse_conditions(None, header).if_none_match == expected


@pytest.mark.parametrize("header", ["3", "W/3", 'w/"3"', '"3', '"3" x', "", ",", '*, "3"', "'3'", '"3""4"'])
def test_a_malformed_tag_is_invalid(header: str) -> None:
    with pytest.raises(Invalid, match="If-Match"):
        parse_conditions(header)
    with pytest.raises(Invalid, match="If-None-Match"):
        parse_conditions(None, header)


def test_no_headers_are_no_conditions() -> None:
    assert parse_conditions(None) is UNCONDITIONAL


@pytest.mark.parametrize(
    "header",
    [AT, "Saturday, 31-Jan-26 12:00:00 GMT", "Sat Jan 31 12:00:00 2026", "Sat, 31 Jan 2026 12:00:00 -0000"],
)
def test_every_form_of_an_http_date_is_read(header: str) -> None:
    assert parse_conditions(None, None, header).if_modified_since == MODIFIED.replace(microsecond=0)


@given(st.text(max_size=40))
def test_an_unreadable_date_is_passed_over(header: str) -> None:
    since = parse_conditions(None, None, header).if_modified_since
    assert since is None or since.tzinfo is not None


@pytest.mark.parametrize(
    ("if_match", "version", "holds"),
    [
        (None, 3, True),
        (None, None, True),
        ('W/"3"', 3, True),
        ('"1", "3"', 3, True),
        ('W/"2"', 3, False),
        ('W/"03"', 3, False),
        ("*", 3, True),
        ("*", None, False),
        ('W/"3"', None, False),
    ],
)
def test_if_match_holds_for_the_present_version_alone(if_match: str | None, version: int | None, holds: bool) -> None:
    assert if_match_holds(parse_conditions(if_match), version) is holds


@pytest.mark.parametrize(
    ("if_none_match", "version", "holds"),
    [(None, 3, True), ("*", 3, False), ("*", None, True), ('W/"3"', 3, False), ('W/"2"', 3, True)],
)
def test_if_none_match_holds_for_what_is_not_there(if_none_match: str | None, version: int | None, holds: bool) -> None:
    assert if_none_match_holds(parse_conditions(None, if_none_match), version) is holds


@pytest.mark.parametrize(
    ("if_none_match", "since", "expected"),
    [
        (None, None, False),
        ('W/"3"', None, True),
        ('"2", "3"', None, True),
        ("*", None, True),
        ('W/"2"', None, False),
        (None, AT, True),
        (None, BEFORE, False),
        (None, "yesterday", False),
        ('W/"2"', AT, False),
        ('W/"3"', BEFORE, True),
    ],
)
def test_a_read_is_not_modified_by_tag_before_date(
    if_none_match: str | None, since: str | None, expected: bool
) -> None:
    conditions = parse_conditions(None, if_none_match, since)
    assert is_not_modified(3, MODIFIED, conditions) is expected


@given(st.integers(0, 7_000_000_000_000))
def test_the_last_modified_that_was_sent_is_not_modified_since(milliseconds: int) -> None:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    conditions = parse_conditions(None, None, format_http_date(moment))
    assert conditions != Conditions()
    assert is_not_modified(1, moment, conditions)
