import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.core.instant import format_http_date, format_instant, period_of, to_millisecond

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026", "2026-01-01T03:00", "2027-01-01T03:00"),
        ("2026-12", "2026-12-01T03:00", "2027-01-01T03:00"),
        ("2026-02", "2026-02-01T03:00", "2026-03-01T03:00"),
        ("2026-01-31", "2026-01-31T03:00", "2026-02-01T03:00"),
        ("2024-02-29", "2024-02-29T03:00", "2024-03-01T03:00"),
        ("2026-01-31T12:30", "2026-01-31T15:30", "2026-01-31T15:31"),
        ("2026-01-31T12:30Z", "2026-01-31T12:30", "2026-01-31T12:31"),
        ("2026-01-31T12:30:15Z", "2026-01-31T12:30:15", "2026-01-31T12:30:16"),
        ("2026-01-31T23:59:59-03:00", "2026-02-01T02:59:59", "2026-02-01T03:00"),
        ("2026-01-31T12:30:15+05:30", "2026-01-31T07:00:15", "2026-01-31T07:00:16"),
        ("2026-01-31T12:30:15.1Z", "2026-01-31T12:30:15.100", "2026-01-31T12:30:15.101"),
        ("2026-01-31T12:30:15.123Z", "2026-01-31T12:30:15.123", "2026-01-31T12:30:15.124"),
        ("2026-01-31T12:30:15.123999999Z", "2026-01-31T12:30:15.123", "2026-01-31T12:30:15.124"),
        ("2026-01-31T12:30:15.999Z", "2026-01-31T12:30:15.999", "2026-01-31T12:30:16"),
    ],
)
def test_a_value_covers_the_period_of_its_precision(text: str, begin: str, end: str) -> None:
    assert period_of(text, zone=SAO_PAULO) == (utc(begin), utc(end))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "26",
        "2026-1",
        "2026-13",
        "2026-00",
        "2026-02-29",
        "0000",
        "2026-01-31T",
        "2026-01-31T12",
        "2026-01-31T24:00",
        "2026-01-31T12:60",
        "2026-01-31T12:30:60Z",
        "2026-01-31T12:30:15.Z",
        "2026-01-31T12:30:15.1234567890Z",
        "2026-01-31T12:30+25:00",
        "2026-01-31T12:30+0300",
        "2026-01-31 12:30",
        "2026-01-31Z",
        "2026\n",
        " 2026",
        "\u0662\u0660\u0662\u0666",
        "9999",
        "9999-12",
        "9999-12-31",
        "9999-12-31T23:59-03:00",
        "0001-01-01T00:00+14:00",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        period_of(text, zone=SAO_PAULO)


@pytest.mark.parametrize(
    ("day", "begin", "hours"),
    [
        ("2018-11-04", "2018-11-04T03:00", 23),  # The clock went from midnight to one.
        ("2018-02-17", "2018-02-17T02:00", 25),  # The clock went from midnight back to eleven.
        ("2026-02-17", "2026-02-17T03:00", 24),  # Since 2019 the clock does not change.
        ("2026-11-01", "2026-11-01T03:00", 24),
    ],
)
def test_a_day_in_sao_paulo_is_as_long_as_its_clock_was(day: str, begin: str, hours: int) -> None:
    found = period_of(day, zone=SAO_PAULO)
    assert found[0] == utc(begin)
    assert found[1] - found[0] == timedelta(hours=hours)


def test_a_minute_in_an_hour_that_the_clock_repeats_is_a_minute() -> None:
    begin, end = period_of("2018-02-17T23:59", zone=SAO_PAULO)
    assert end - begin == timedelta(minutes=1)


@given(st.dates(date(2, 1, 1), date(9998, 12, 31)), OFFSETS)
def test_days_follow_one_another_without_gap_and_fill_their_month(day: date, zone: tzinfo) -> None:
    begin, end = period_of(day.isoformat(), zone=zone)
    following, _ = period_of((day + timedelta(days=1)).isoformat(), zone=zone)
    month_begin, month_end = period_of(f"{day:%Y-%m}".zfill(7), zone=zone)
    assert begin < end == following
    assert month_begin <= begin
    assert end <= month_end


@given(MOMENTS, OFFSETS)
def test_a_formatted_instant_is_the_millisecond_of_its_moment(moment: datetime, zone: tzinfo) -> None:
    text = format_instant(moment.astimezone(zone))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    begin, end = period_of(text, zone=zone)
    assert begin == to_millisecond(moment) <= moment < end == begin + timedelta(milliseconds=1)


@given(MOMENTS, OFFSETS)
def test_the_same_moment_has_the_same_period_in_every_zone(moment: datetime, zone: tzinfo) -> None:
    elsewhere = moment.replace(microsecond=0).astimezone(zone)
    assert period_of(elsewhere.isoformat(), zone=SAO_PAULO) == period_of(
        elsewhere.astimezone(UTC).isoformat(), zone=SAO_PAULO
    )


@given(st.text(max_size=30))
def test_any_text_has_a_period_or_is_refused(text: str) -> None:
    try:
        begin, end = period_of(text, zone=SAO_PAULO)
    except ValueError:
        return
    assert begin < end


def test_an_http_date_has_whole_seconds_in_gmt() -> None:
    moment = datetime(2026, 1, 31, 9, 0, 0, 999999, tzinfo=SAO_PAULO)
    assert format_http_date(moment) == "Sat, 31 Jan 2026 12:00:00 GMT"
