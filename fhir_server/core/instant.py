"""FHIR instants and HTTP dates.

https://hl7.org/fhir/R4/datatypes.html#instant
"""

from datetime import UTC, datetime
from email.utils import format_datetime


def format_instant(moment: datetime) -> str:
    """Return `moment` as a FHIR instant in UTC with milliseconds: `2026-01-31T12:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def format_http_date(moment: datetime) -> str:
    """Return `moment` as the HTTP date of `Last-Modified`, which has whole seconds."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
