"""Logical ids.

https://hl7.org/fhir/R4/datatypes.html#id and https://hl7.org/fhir/R4/resource.html#id
"""

import re
import uuid

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")


def is_id(text: str) -> bool:
    """Tell whether `text` is a FHIR id: 1 to 64 letters, digits, hyphens and dots of ASCII."""
    return _ID.match(text) is not None


def new_id() -> str:
    """Return a new random logical id: a UUID in lower case."""
    return str(uuid.uuid4())
