"""The place in a history that a `next` link carries.

https://hl7.org/fhir/R4/http.html#paging
"""

import base64
import struct
from datetime import UTC, datetime, timedelta

from fhir_server.core.errors import Invalid
from fhir_server.storage.selection import Position

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FORMAT = struct.Struct(">BqqqQ")
_VERSION = 1


def write_cursor(position: Position, horizon: int | None) -> str:
    """Return a position and a horizon as text that fits in a URL; it holds no data of a resource."""
    milliseconds = (position.last_updated - _EPOCH) // _MILLISECOND
    packed = _FORMAT.pack(_VERSION, milliseconds, position.rid, position.version, horizon or 0)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_cursor(text: str) -> tuple[Position, int | None]:
    """Return what `write_cursor` wrote. Raises Invalid for any other text."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        version, milliseconds, rid, number, horizon = _FORMAT.unpack(packed)
        if version != _VERSION:
            raise ValueError("unknown version")
        position = Position(_EPOCH + milliseconds * _MILLISECOND, rid, number)
    except (ValueError, struct.error, OverflowError) as error:
        raise Invalid("The page link is not one that this server made.") from error
    return position, horizon or None
