"""The parts of ASGI that the FHIR endpoint reads.

https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from fhir_server.core.errors import Invalid

Scope: TypeAlias = Mapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_PARAMETERS_READ = 200


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers under their lower-case names; what is sent in several fields is joined by commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def query_of(scope: Scope) -> dict[str, tuple[str, ...]]:
    """Return the parameters of the query with their values, empty ones left out.

    Raises Invalid where the query is not percent-encoded UTF-8 or has too many parameters.
    """
    text: bytes = scope["query_string"]
    if not text:
        return {}
    try:
        pairs = parse_qsl(
            text.decode("ascii"), errors="strict", max_num_fields=_PARAMETERS_READ, keep_blank_values=False
        )
    except ValueError as error:
        raise Invalid("The query cannot be read: it is not percent-encoded UTF-8, or too long.") from error
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found


def server_of(scope: Scope) -> str:
    """Return host and port of the socket that took the connection."""
    host, port = scope.get("server") or ("127.0.0.1", None)
    return host if port is None else f"{host}:{port}"
