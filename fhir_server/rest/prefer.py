"""What the client would rather have: the `Prefer` header.

https://hl7.org/fhir/R4/http.html#ops and https://www.rfc-editor.org/rfc/rfc7240
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Return(StrEnum):
    """What the answer to a successful write carries."""

    MINIMAL = "minimal"
    REPRESENTATION = "representation"
    OPERATION_OUTCOME = "OperationOutcome"


class Handling(StrEnum):
    """Whether parameters that the server does not know are refused or passed over."""

    STRICT = "strict"
    LENIENT = "lenient"


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preferences that FHIR knows; None where the client states none."""

    returned: Return | None = None
    handling: Handling | None = None
    respond_async: bool = False


NO_PREFERENCES = Preferences()
_RETURNS = {str(choice).lower(): choice for choice in Return}
_HANDLINGS = {str(choice): choice for choice in Handling}
_REMEMBERED_LENGTH = 256
# A quoted string that is never closed reaches to the end, so the pattern runs once over the header.
_PREFERENCE = re.compile(r'(?s)(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')


def parse_prefer(header: str | None) -> Preferences:
    """Return the preferences of a `Prefer` header; several headers are given joined by commas.

    A preference that is named twice counts as it was first named; what is unknown or unreadable is passed
    over, as RFC 7240 wants it. Never fails.
    """
    if not header:
        return NO_PREFERENCES
    return _parse(header) if len(header) <= _REMEMBERED_LENGTH else _parse.__wrapped__(header)


@lru_cache(maxsize=256)
def _parse(header: str) -> Preferences:
    named: dict[str, str] = {}
    for part in _PREFERENCE.findall(header):
        preference = part.partition(";")[0]
        name, _, value = preference.partition("=")
        named.setdefault(name.strip().lower(), value.strip().strip('"').strip().lower())
    return Preferences(
        returned=_RETURNS.get(named.get("return", "")),
        handling=_HANDLINGS.get(named.get("handling", "")),
        respond_async="respond-async" in named,
    )
