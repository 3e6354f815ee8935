"""A stored version of a resource, and the exact JSON text that is read back.

https://hl7.org/fhir/R4/resource.html#Meta
"""

from datetime import datetime

import msgspec

from fhir_server.core.instant import format_instant
from fhir_server.storage.codec import Codec, unpack


class StoredVersion(msgspec.Struct, frozen=True):
    """One version of one resource as the database holds it.

    `meta` is the JSON text of `Resource.meta` without `versionId` and `lastUpdated`, or None where nothing
    is left of it; `body` is the JSON text of the resource without `resourceType`, `id` and `meta`, coded as
    `codec` says, or None where this version is the deletion. `method` and `status` tell how the version came to
    be, as HTTP says it.
    """

    type: str
    id: str
    version: int
    last_updated: datetime
    method: str
    status: int
    meta: bytes | None
    body: bytes | None
    rid: int = 0
    codec: int = Codec.PLAIN

    @property
    def deleted(self) -> bool:
        """Tell whether this version is a deletion."""
        return self.body is None

    def text(self) -> bytes:
        """Return the resource as minified JSON with every value as it was submitted.

        `resourceType`, `id` and `meta` come first; the order of the other elements is the client's.
        """
        assert self.body is not None, "a deletion has no text"
        head = (
            f'{{"resourceType":"{self.type}","id":"{self.id}","meta":{{"versionId":"{self.version}"'
            f',"lastUpdated":"{format_instant(self.last_updated)}"'
        ).encode()
        meta = b"}" if self.meta is None else b"," + self.meta[1:]
        body = unpack(self.body, self.codec)
        if body == b"{}":
            return head + meta + b"}"
        return b"".join((head, meta, b",", memoryview(body)[1:]))
