"""The base URL that answers carry in `Location`, `fullUrl` and links.

https://hl7.org/fhir/R4/http.html#general, https://www.rfc-editor.org/rfc/rfc7239 and
https://hl7.org/fhir/R4/http.html#custom
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from fhir_server.core.errors import Invalid

_HOST = re.compile(r"(?:[A-Za-z0-9._~-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){0,16}/?\Z")
_PORT = re.compile(r"[0-9]{1,5}\Z")
_FORWARDED_PAIR = re.compile(r'\s*([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^;,"\s]*)\s*(?:;|\Z)')
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class BaseUrlRule:
    """Where base URLs come from.

    `fixed` is a whole base URL that goes before everything else; `trusted` says that a proxy in front of the
    server sets the forwarding headers, and overwrites those of clients; `root` is the path of the FHIR
    endpoint, such as `/fhir`.
    """

    root: str
    fixed: str | None = None
    trusted: bool = False


def base_url(rule: BaseUrlRule, headers: Mapping[str, str], *, scheme: str, server: str) -> str:
    """Return the base URL of the answer to a request, without a slash at its end.

    `headers` has lower-case names; `scheme` and `server` (host and port) are those of the connection and
    count where nothing better is known. `Forwarded` goes before `X-Forwarded-*`, both only when trusted and
    well-formed; of several proxies the first, which is the one that the client sees, counts.
    Raises `Invalid` where the `Host` header is no host.
    """
    if rule.fixed is not None:
        return rule.fixed.rstrip("/")
    if rule.trusted and (forwarded := _forwarded(headers, scheme)) is not None:
        return forwarded + rule.root
    return _own(scheme, headers.get("host") or server) + rule.root


@lru_cache(maxsize=256)
def _own(scheme: str, host: str) -> str:
    if not _is_host(host):
        raise Invalid("The header Host is not a host name or address, with or without a port.")
    return _origin(scheme, host)


def _forwarded(headers: Mapping[str, str], scheme: str) -> str | None:
    pairs = _first_forwarded(headers.get("forwarded", ""))
    proto = (pairs.get("proto") or _first(headers, "x-forwarded-proto") or scheme).lower()
    host = pairs.get("host") or _first(headers, "x-forwarded-host") or headers.get("host", "")
    if proto not in _DEFAULT_PORTS or not _is_host(host):
        return None
    port = _first(headers, "x-forwarded-port")
    if "host" not in pairs and _PORT.match(port) and not re.search(r":[0-9]+\Z", host):
        host = f"{host}:{port}"
    prefix = _first(headers, "x-forwarded-prefix")
    return _origin(proto, host) + (prefix.rstrip("/") if _PREFIX.match(prefix) else "")


def _first_forwarded(header: str) -> dict[str, str]:
    """Return the pairs of the first element of a `Forwarded` header, nothing where it is not well-formed."""
    pairs: dict[str, str] = {}
    element, position = _first_element(header), 0
    while position < len(element):
        pair = _FORWARDED_PAIR.match(element, position)
        if pair is None:
            return {}
        pairs[pair.group(1).lower()] = pair.group(2).strip('"')
        position = pair.end()
    return pairs


def _first_element(header: str) -> str:
    quoted = False
    for position, character in enumerate(header):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            return header[:position]
    return header


def _first(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name, "").partition(",")[0].strip()


def _is_host(text: str) -> bool:
    if not _HOST.match(text):
        return False
    port = re.search(r":([0-9]+)\Z", text.rpartition("]")[2])
    return port is None or 0 < int(port.group(1)) < 65536


def _origin(scheme: str, host: str) -> str:
    return f"{scheme}://{host.removesuffix(_DEFAULT_PORTS.get(scheme, ''))}"
