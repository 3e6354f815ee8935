"""Entity tags and conditional requests.

https://hl7.org/fhir/R4/http.html#concurrency, https://hl7.org/fhir/R4/http.html#cread and
https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from fhir_server.core.errors import Invalid

ANY = frozenset({"*"})
"""The tags of a header whose value is `*`."""

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"\Z')
_LIST_PART = re.compile(r'[ \t]*((?:W/)?"[^"]*"|[^,]*)[ \t]*(?:,|\Z)')


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a request: the version ids that its headers name, `ANY`, or None where absent.

    Weak and strong tags are told apart nowhere: FHIR's own tags are weak, and R4 compares them all the same.
    """

    if_match: frozenset[str] | None = None
    if_none_match: frozenset[str] | None = None
    if_modified_since: datetime | None = None


UNCONDITIONAL = Conditions()


def etag(version: int | str) -> str:
    """Return the weak entity tag of a version: `W/"3"`."""
    return f'W/"{version}"'


def parse_conditions(
    if_match: str | None, if_none_match: str | None = None, if_modified_since: str | None = None
) -> Conditions:
    """Return the conditions that the three headers state.

    A date that cannot be read is passed over, as RFC 9110 says. Raises `Invalid` where a tag cannot be
    read: whoever sends one relies on it, so passing over it could lose an update.
    """
    if if_match is None and if_none_match is None and if_modified_since is None:
        return UNCONDITIONAL
    return Conditions(
        if_match=None if if_match is None else _tags("If-Match", if_match),
        if_none_match=None if if_none_match is None else _tags("If-None-Match", if_none_match),
        if_modified_since=None if if_modified_since is None else _http_date(if_modified_since),
    )


def if_match_holds(conditions: Conditions, version: int | str | None) -> bool:
    """Tell whether `If-Match` lets a write onto `version` pass; None where there is no such resource."""
    tags = conditions.if_match
    if tags is None:
        return True
    return version is not None and (tags == ANY or str(version) in tags)


def if_none_match_holds(conditions: Conditions, version: int | str | None) -> bool:
    """Tell whether `If-None-Match` lets a write onto `version` pass; None where there is no such resource."""
    tags = conditions.if_none_match
    if tags is None or version is None:
        return True
    return tags != ANY and str(version) not in tags


def is_not_modified(version: int | str, last_modified: datetime, conditions: Conditions) -> bool:
    """Tell whether a read answers 304: the client holds this version already.

    `If-Modified-Since`, which has whole seconds, counts only where `If-None-Match` is absent.
    """
    if conditions.if_none_match is not None:
        return not if_none_match_holds(conditions, version)
    since = conditions.if_modified_since
    return since is not None and last_modified.replace(microsecond=0) <= since


def _tags(name: str, header: str) -> frozenset[str]:
    if header.strip() == "*":
        return ANY
    parts = [part.strip() for part in _LIST_PART.findall(header)]
    tags = [_TAG.match(part) for part in parts if part]
    if not tags or None in tags:
        raise Invalid(f'The header {name} is not a list of entity tags such as W/"1", nor *.')
    return frozenset(tag.group(1) for tag in tags if tag is not None)


def _http_date(header: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
