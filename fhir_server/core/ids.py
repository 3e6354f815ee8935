"""Logical ids.

https://hl7.org/fhir/R4/datatypes.html#id and https://hl7.org/fhir/R4/resource.html#id
"""

import os
import re

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")

# https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4
_VERSION_4 = 0x4 << 76 | 0x2 << 62
_RANDOM_BITS = (1 << 128) - 1 ^ 0xF << 76 ^ 0x3 << 62


def is_id(text: str) -> bool:
    """Tell whether `text` is a FHIR id: 1 to 64 letters, digits, hyphens and dots of ASCII."""
    return _ID.match(text) is not None


def new_id() -> str:
    """Return a new random logical id: a UUID of version 4 in lower case, made in a tenth of `uuid4`'s time."""
    bits = int.from_bytes(os.urandom(16)) & _RANDOM_BITS | _VERSION_4
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
