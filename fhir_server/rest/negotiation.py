"""Which media type an answer is written in, and whether a body's media type is read.

https://hl7.org/fhir/R4/http.html#mime-type and https://www.rfc-editor.org/rfc/rfc9110#name-accept
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from fhir_server.core.errors import NotAcceptable, UnsupportedMedia

FHIR_JSON = "application/fhir+json"
JSON_MEDIA_TYPES = (FHIR_JSON, "application/json", "text/json")
FHIR_VERSION = "4.0"
DEFAULT_CONTENT_TYPE = f"{FHIR_JSON};charset=utf-8"

_OFFERED = ", ".join(JSON_MEDIA_TYPES)
_SHORT_FORMS = {"json": FHIR_JSON}
_REMEMBERED_LENGTH = 512
_RANGES_READ = 64

# A quoted string that is never closed reaches to the end, so each pattern runs once over the header.
_LIST_PART = re.compile(r'(?s)(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_PARAMETER_PART = re.compile(r'(?s)(?:[^;"]|"(?:[^"\\]|\\.)*"?)+')
_MEDIA_RANGE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_QUALITY = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One media type, or range of them, with the parameters that matter here and its quality from 0 to 1."""

    name: str
    quality: float = 1.0
    fhir_version: str | None = None
    charset: str | None = None

    def specificity(self, media_type: str) -> int:
        """Return how closely the range names `media_type`: 0 not at all, 1 `*/*`, 2 `type/*`, 3 by name."""
        if self.name == media_type:
            return 3
        if self.name == "*/*":
            return 1
        return 2 if self.name == f"{media_type.partition('/')[0]}/*" else 0


def answer_content_type(accept: str | None, format_parameter: str | None = None) -> str:
    """Return the `Content-Type` of the answer, from `Accept` and, before it, the value of `_format`.

    JSON asked for as `application/json` or `text/json` is answered under that name, and `fhirVersion` is
    repeated where it was asked for. A header without any readable media range counts as absent.
    Raises `NotAcceptable` where JSON in FHIR version 4.0 is not among what is asked for.
    """
    if accept is not None and len(accept) > _REMEMBERED_LENGTH:
        return _answer_content_type.__wrapped__(accept, format_parameter)
    if format_parameter is not None and len(format_parameter) > _REMEMBERED_LENGTH:
        return _answer_content_type.__wrapped__(accept, format_parameter)
    return _answer_content_type(accept, format_parameter)


@lru_cache(maxsize=512)
def _answer_content_type(accept: str | None, format_parameter: str | None) -> str:
    if format_parameter is not None and format_parameter.strip():
        return _content_type(_format_range(format_parameter), "_format")
    ranges = list(_media_ranges(accept or ""))
    if not ranges:
        return DEFAULT_CONTENT_TYPE
    return _content_type(ranges, "Accept")


def _content_type(ranges: list[MediaRange], source: str) -> str:
    matching = [part for part in ranges if part.fhir_version in (None, FHIR_VERSION)]
    best = _best(matching, JSON_MEDIA_TYPES)
    if best is None:
        if len(matching) < len(ranges):
            raise NotAcceptable(f"{source} asks for a FHIR version other than {FHIR_VERSION}.")
        raise NotAcceptable(f"{source} allows none of the media types offered: {_OFFERED}.")
    media_type, chosen = best
    version = "" if chosen.fhir_version is None else f";fhirVersion={chosen.fhir_version}"
    return f"{media_type}{version};charset=utf-8"


def best_match(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """Return the media type of `offers`, best liked first, that `accept` likes best; None where none will do.

    At equal quality a type that the client names goes before one that it only covers by a wildcard.
    An absent or unreadable header accepts everything.
    """
    ranges = list(_media_ranges(accept or ""))
    if not ranges:
        return offers[0]
    best = _best(ranges, offers)
    return None if best is None else best[0]


def _best(ranges: list[MediaRange], offers: tuple[str, ...]) -> tuple[str, MediaRange] | None:
    best: tuple[str, MediaRange] | None = None
    best_rank = (0.0, 0)
    for offer in offers:
        deciding = max(ranges, key=lambda part: part.specificity(offer), default=None)
        if deciding is None or not (specificity := deciding.specificity(offer)):
            continue
        rank = (deciding.quality, specificity)
        if deciding.quality > 0 and rank > best_rank:
            best, best_rank = (offer, deciding), rank
    return best


def _format_range(value: str) -> list[MediaRange]:
    # A plus sign that was not percent-encoded in the query arrives as a space.
    text = value.strip().replace("fhir json", "fhir+json").replace("fhir xml", "fhir+xml")
    name, semicolon, parameters = text.partition(";")
    name = name.strip().lower()
    return list(_media_ranges(f"{_SHORT_FORMS.get(name, name)}{semicolon}{parameters}"))


def _media_ranges(header: str) -> Iterator[MediaRange]:
    for part in islice(_LIST_PART.finditer(header), _RANGES_READ):
        found = _media_range(part.group())
        if found is not None:
            yield found


def _media_range(text: str) -> MediaRange | None:
    first, *rest = _PARAMETER_PART.findall(text) or [""]
    name = first.strip().lower()
    if name == "*":
        name = "*/*"
    if not _MEDIA_RANGE.match(name):
        return None
    parameters = {}
    for part in rest:
        key, _, value = part.partition("=")
        parameters[key.strip().lower()] = value.strip().strip('"')
    quality = _quality(parameters.get("q", "1"))
    return MediaRange(name, quality, parameters.get("fhirversion"), parameters.get("charset"))


def _quality(text: str) -> float:
    # Java's own HTTP client sends `q=.2`, which the grammar does not allow.
    return min(float(text), 1.0) if _QUALITY.match(text) else 0.0


def require_json(content_type: str | None) -> None:
    """Return where a body of this `Content-Type` is FHIR JSON in UTF-8.

    R4 says that the correct media type SHALL be used, so a body without one is refused and never guessed;
    a missing `charset` is read as UTF-8, the only encoding of FHIR.
    Raises `UnsupportedMedia` for any other media type, character set or `fhirVersion`.
    """
    if content_type in _COMMON_BODY_TYPES:
        return
    if content_type is None or not content_type.strip():
        raise UnsupportedMedia(f"The body has no Content-Type; this server reads {_OFFERED}.")
    found = _media_range(content_type)
    if found is None or found.name not in JSON_MEDIA_TYPES:
        raise UnsupportedMedia(f"The body's Content-Type is not one that this server reads: {_OFFERED}.")
    if found.charset is not None and found.charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMedia("The body's character set is not UTF-8, the only one of FHIR.")
    if found.fhir_version not in (None, FHIR_VERSION):
        raise UnsupportedMedia(f"The body's FHIR version is not {FHIR_VERSION}, the only one read here.")


_COMMON_BODY_TYPES = frozenset(
    f"{media_type}{charset}"
    for media_type in JSON_MEDIA_TYPES
    for charset in ("", ";charset=utf-8", "; charset=utf-8", ";charset=UTF-8", "; charset=UTF-8")
)
