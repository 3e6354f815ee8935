"""Bodies under `gzip`, on the way in and on the way out.

https://www.rfc-editor.org/rfc/rfc9110#name-content-codings and https://hl7.org/fhir/R4/http.html#compression
"""

import asyncio
import zlib
from dataclasses import dataclass
from functools import lru_cache

from fhir_server.core.errors import Invalid, NotAcceptable, TooLarge, UnsupportedMedia

# zlib runs without the interpreter's lock, so a thread keeps the event loop free from here on.
_COMPRESSED_AT_ONCE = 64 * 1024
# Deflate packs at most 1,032 to 1, so this is at most 1 MB, which inflates within 5 ms.
_INFLATED_AT_ONCE = 1024
_GZIP_WINDOW = 31
_REMEMBERED_LENGTH = 256


class UnsupportedCoding(UnsupportedMedia):
    """The body's `Content-Encoding` is not one that the server reads; the answer names those it does."""


@dataclass(frozen=True, slots=True)
class Codings:
    """What the client takes: gzip, liked at least as well as no coding at all, and no coding at all."""

    gzip: bool
    identity: bool


IDENTITY = Codings(gzip=False, identity=True)
"""What a client takes that says nothing."""


def accepted_codings(accept_encoding: str | None) -> Codings:
    """Return what an `Accept-Encoding` header takes; without one, only the body as it is.

    Unreadable parts count as absent. Raises `NotAcceptable` where the header refuses both codings.
    """
    if not accept_encoding:
        return IDENTITY
    if len(accept_encoding) > _REMEMBERED_LENGTH:
        return _accepted_codings.__wrapped__(accept_encoding)
    return _accepted_codings(accept_encoding)


@lru_cache(maxsize=256)
def _accepted_codings(accept_encoding: str) -> Codings:
    qualities: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.partition(";")
        qualities[coding.strip()] = _quality(parameter)
    others = qualities.get("*")
    gzip = max(qualities.get("gzip", others or 0.0), qualities.get("x-gzip", 0.0))
    identity = qualities.get("identity", 0.0 if others == 0.0 else None)
    if gzip == 0 and identity == 0:
        raise NotAcceptable("Accept-Encoding refuses both codings offered: gzip and identity.")
    return Codings(gzip=gzip > 0 and gzip >= (identity or 0.0), identity=identity != 0)


def _quality(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0


async def compress(body: bytes, codings: Codings, *, minimum_size: int, level: int) -> tuple[bytes, str | None]:
    """Return the body as it is sent and its `Content-Encoding`, None where it goes out as it is.

    A body shorter than `minimum_size` bytes is compressed only for a client that takes nothing else.
    `level` is zlib's, from 1 (fast) to 9. Equal bodies give equal bytes.
    """
    if not codings.gzip or (codings.identity and len(body) < minimum_size):
        return body, None
    if len(body) < _COMPRESSED_AT_ONCE:
        return zlib.compress(body, level, wbits=_GZIP_WINDOW), "gzip"
    return await asyncio.to_thread(zlib.compress, body, level, wbits=_GZIP_WINDOW), "gzip"


async def decompress(body: bytes, content_encoding: str | None, *, limit: int) -> bytes:
    """Return the body of a request without its `Content-Encoding`.

    Raises `UnsupportedCoding` for a coding other than gzip, `Invalid` where the body is not whole gzip, and
    `TooLarge` as soon as it inflates to more than `limit` bytes, without inflating the rest.
    """
    coding = "" if content_encoding is None else content_encoding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in ("gzip", "x-gzip"):
        raise UnsupportedCoding("The body's Content-Encoding is neither gzip nor identity.")
    if len(body) < _INFLATED_AT_ONCE:
        return inflate(body, limit=limit)
    return await asyncio.to_thread(inflate, body, limit=limit)


def inflate(body: bytes, *, limit: int) -> bytes:
    """Return what the gzip members of `body` hold, at most `limit` bytes; fails as `decompress` does."""
    parts: list[bytes] = []
    left, rest = limit, body
    while rest:
        member = zlib.decompressobj(wbits=_GZIP_WINDOW)
        try:
            part = member.decompress(rest, left + 1)
        except zlib.error:
            raise Invalid("The body is not gzip, though its Content-Encoding says so.") from None
        left -= len(part)
        if left < 0:
            raise TooLarge(f"The body inflates to more than the {limit} bytes that this server reads.")
        if not member.eof:
            raise Invalid("The body's gzip ends too early.")
        parts.append(part)
        rest = member.unused_data
    return b"".join(parts)
