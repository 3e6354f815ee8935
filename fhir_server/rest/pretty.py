"""Answers indented for people: the `_pretty` parameter.

https://hl7.org/fhir/R4/http.html#parameters
"""

import msgspec

from fhir_server.core.errors import Invalid


def parse_pretty(value: str | None) -> bool:
    """Return whether `_pretty` asks for indented text; absent means no.

    Raises `Invalid` where the value is neither `true` nor `false`.
    """
    if value in (None, "false"):
        return False
    if value == "true":
        return True
    raise Invalid("The parameter _pretty is true or false.")


def pretty(text: bytes) -> bytes:
    """Return the JSON `text` indented by two spaces, every value with the text it had."""
    return msgspec.json.format(text, indent=2)
