"""Showing resources as a view asks for, without keeping the event loop from its other work.

https://hl7.org/fhir/R4/http.html#parameters
"""

import asyncio
from collections.abc import Sequence
from functools import cache

from fhir_server.definitions import Definitions, load_definitions
from fhir_server.interactions.services import Services
from fhir_server.rest.view import View
from fhir_server.storage.codec import Codec
from fhir_server.storage.version import StoredVersion

# Each is what takes about a millisecond; more is done in another process, or, where bytes are only copied or unpacked,
# in a thread, because the interpreter's lock is not held for that.
_PRUNED_AT_ONCE = 128 * 1024
_INDENTED_AT_ONCE = 256 * 1024
_COPIED_AT_ONCE = 512 * 1024


async def text_of(version: StoredVersion) -> bytes:
    """Return the whole resource of a version that is no deletion."""
    if version.codec != Codec.PLAIN or (version.body is not None and len(version.body) > _COPIED_AT_ONCE):
        return await asyncio.to_thread(version.text)
    return version.text()


async def shown(services: Services, view: View, text: bytes) -> bytes:
    """Return the part of the resource `text` that the view asks for."""
    if view.subset is None or len(text) <= _PRUNED_AT_ONCE:
        return view.shown(text, services.definitions)
    return await services.preparation.other_process.run(_shown, view, text)


async def formatted(services: Services, view: View, text: bytes) -> bytes:
    """Return `text` indented where the view asks for that."""
    if not view.pretty or len(text) <= _INDENTED_AT_ONCE:
        return view.formatted(text)
    return await services.preparation.other_process.run(view.formatted, text)


async def joined(parts: Sequence[bytes]) -> bytes:
    """Return all parts in one."""
    if sum(map(len, parts)) <= _COPIED_AT_ONCE:
        return b"".join(parts)
    return await asyncio.to_thread(b"".join, parts)


def _shown(view: View, text: bytes) -> bytes:
    return view.shown(text, _definitions())


@cache
def _definitions() -> Definitions:
    """Return the definitions of the other process, which has no other way to keep them."""
    return load_definitions()
