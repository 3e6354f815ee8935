"""FHIR instants and HTTP dates.

https://hl7.org/fhir/R4/datatypes.html#instant
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import format_datetime
from functools import lru_cache


def format_instant(moment: datetime) -> str:
    """Return `moment` as a FHIR instant in UTC with milliseconds: `2026-01-31T12:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def to_millisecond(moment: datetime) -> datetime:
    """Return `moment` without what a FHIR instant of this server does not show: it has milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def format_http_date(moment: datetime) -> str:
    """Return `moment` as the HTTP date of `Last-Modified`, which has whole seconds."""
    return _http_date(int(moment.timestamp()))


@lru_cache(maxsize=1024)
def _http_date(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True)


_PARTIAL = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?\Z",
    re.ASCII,
)


def period_of(text: str, *, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the period [begin, end) that a FHIR date, dateTime or instant covers by its precision, in UTC.

    `2026-01` is the month; a time with seconds is that second, one with a fraction that millisecond. A value
    without an offset is read in `zone`. Raises ValueError where `text` is none of these or no real moment.
    https://hl7.org/fhir/R4/search.html#date
    """
    found = _PARTIAL.match(text)
    if found is None:
        raise ValueError("not a date, dateTime or instant")
    try:
        return _period(found, zone)
    except OverflowError as error:
        raise ValueError("beyond the years that are known") from error


def _period(found: re.Match[str], zone: tzinfo) -> tuple[datetime, datetime]:
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    given = zone if offset is None else datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo
    milliseconds = int(f"{fraction:0<3.3}") if fraction else 0
    begin = datetime(
        int(year),
        int(month or 1),
        int(day or 1),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        milliseconds * 1000,
        tzinfo=given,
    )
    if hour is None:
        return begin.astimezone(UTC), _following(begin, month, day).astimezone(UTC)
    begin = begin.astimezone(UTC)  # An hour that a change of the clocks repeats must not make a minute longer.
    if fraction is not None:
        return begin, begin + timedelta(milliseconds=1)
    return begin, begin + (timedelta(minutes=1) if second is None else timedelta(seconds=1))


def _following(begin: datetime, month: str | None, day: str | None) -> datetime:
    """Return the beginning of the next day, month or year by the clock of the zone."""
    if day is not None:
        return begin + timedelta(days=1)
    if month is None or begin.month == 12:
        return begin.replace(year=begin.year + 1, month=1)
    return begin.replace(month=begin.month + 1)
