"""What `/` answers: who is here and where to go, as a page to a browser and as JSON otherwise."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape

from fhir_server.core.json import dump
from fhir_server.rest.negotiation import best_match

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}"
    "a:focus-visible{outline:3px solid}"
)
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_HTML_HEADERS = (
    ("Content-Type", "text/html;charset=utf-8"),
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
)
_JSON_HEADERS = (("Content-Type", "application/json;charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class Landing:
    """An answer to `/`: its headers with the media type, and its body."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


def landing(accept: str | None, *, name: str, version: str, links: Mapping[str, str]) -> Landing:
    """Return the answer to `/`; `links` maps what a link leads to, in words, to its URL, in order.

    HTML goes only to a client that likes it better than JSON; a client that takes neither gets JSON.
    """
    if best_match(accept, ("application/json", "text/html")) == "text/html":
        return Landing((*_HTML_HEADERS, ("Vary", "Accept")), _page(name, version, links).encode())
    body = dump({"name": name, "version": version, "fhirVersion": "4.0.1", "links": dict(links)})
    return Landing((*_JSON_HEADERS, ("Vary", "Accept")), body)


def _page(name: str, version: str, links: Mapping[str, str]) -> str:
    items = "".join(f'<li><a href="{escape(url, quote=True)}">{escape(words)}</a></li>' for words, url in links.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(name)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(name)}</h1>"
        f"<p>Version {escape(version)}, HL7 FHIR R4 (4.0.1).</p>"
        f'<nav aria-label="Where to go"><ul>{items}</ul></nav></main></body></html>'
    )
