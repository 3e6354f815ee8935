"""How the body of a version is coded in the database: the column `codec`."""

import zlib
from enum import IntEnum

# Long bodies are rare and cost most where they are copied and sent; a short one would not get much shorter.
_PACKED_FROM = 256 * 1024
_FAST = 1


class Codec(IntEnum):
    """What the column `codec` holds."""

    PLAIN = 0
    ZLIB = 1


def pack(body: bytes) -> tuple[bytes, Codec]:
    """Return `body` as it is stored, and how it is coded; a long one takes ten milliseconds a megabyte."""
    if len(body) < _PACKED_FROM:
        return body, Codec.PLAIN
    return zlib.compress(body, _FAST), Codec.ZLIB


def unpack(body: bytes, codec: int) -> bytes:
    """Return the body that `pack` was given, or raise ValueError for a codec that this release does not know."""
    match codec:
        case Codec.PLAIN:
            return body
        case Codec.ZLIB:
            return zlib.decompress(body)
        case _:
            raise ValueError(f"codec {codec}")
