"""A FHIR request and its answer, as plain data.

https://hl7.org/fhir/R4/http.html
"""

from collections.abc import Mapping

import msgspec

from fhir_server.core.context import Context
from fhir_server.core.errors import Invalid, NotSupported
from fhir_server.rest.prefer import Handling, Preferences
from fhir_server.rest.view import View

GENERAL_PARAMETERS = frozenset({"_format", "_pretty", "_summary", "_elements"})
NO_PARAMETERS: frozenset[str] = frozenset()


class Request(msgspec.Struct, frozen=True):
    """One FHIR request: what its path, query and headers say, already negotiated.

    `place` is one of those in `places`; `type`, `id` and `version_id` are the parts of the path, empty where it has
    none. `query` holds every
    parameter with its values in their order; `headers` has lower-case names.
    """

    method: str
    place: str
    interaction: str
    type: str
    id: str
    version_id: str
    query: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    context: Context
    preferences: Preferences
    view: View

    def single(self, name: str) -> str | None:
        """Return the value of a parameter that may be given once, or None. Raises Invalid for more."""
        values = self.query.get(name, ())
        if len(values) > 1:
            raise Invalid(f"The parameter {name} is given more than once.")
        return values[0] if values and values[0] else None

    def require_known_parameters(self, known: frozenset[str]) -> None:
        """Raise NotSupported for a parameter that the interaction does not know, unless told to be lenient."""
        if not self.query or self.preferences.handling is Handling.LENIENT:
            return
        unknown = sorted(self.query.keys() - known - GENERAL_PARAMETERS)
        if unknown:
            accepted = ", ".join(sorted(known | GENERAL_PARAMETERS))
            raise NotSupported(
                f"The interaction {self.interaction} does not know the parameter {printable(unknown[0])}; "
                f"it knows {accepted}."
            )


class Response(msgspec.Struct, frozen=True):
    """The answer: `body` is JSON text in UTF-8, or empty; `headers` lacks media type and length."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def printable(name: str) -> str:
    """Return a parameter's name if it looks like one, so that a value in the wrong place is not repeated."""
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalpha() else "(unreadable name)"
