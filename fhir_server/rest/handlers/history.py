"""history over HTTP, of an instance, a type and the system.

https://hl7.org/fhir/R4/http.html#history
"""

import asyncio
import time
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from fhir_server.core.errors import Invalid
from fhir_server.core.ids import is_id, new_id
from fhir_server.core.instant import format_instant, period_of
from fhir_server.core.json import dump
from fhir_server.interactions.history import Page, history
from fhir_server.interactions.list_members import list_members
from fhir_server.interactions.services import Services
from fhir_server.rest.conditional import etag
from fhir_server.rest.cursor import read_cursor, write_cursor
from fhir_server.rest.message import GENERAL_PARAMETERS, Request, Response
from fhir_server.rest.options import RestOptions
from fhir_server.rest.showing import formatted, joined, shown, text_of
from fhir_server.storage.selection import History, HistoryFilter
from fhir_server.storage.version import StoredVersion

_PARAMETERS = frozenset({"_since", "_at", "_count", "_list", "_cursor"})
_STATUS = {200: "200 OK", 201: "201 Created", 204: "204 No Content"}
_TURN_SECONDS = 0.001


async def handle_history(services: Services, options: RestOptions, request: Request) -> Response:
    """Answer with a page of versions as a Bundle of type history, newest first."""
    request.require_known_parameters(_PARAMETERS)
    selection, count_only = await _selection(services, options, request)
    page = await history(services, request.context, selection, count_only=count_only)
    bundle = await _bundle(services, request, page)
    return Response(200, await formatted(services, request.view, bundle))


async def _selection(services: Services, options: RestOptions, request: Request) -> tuple[History, bool]:
    limit = _count(request, options)
    selection = History(
        limit=limit or options.default_page_size,
        type=request.type or None,
        id=request.id or None,
        filter=await _filter(services, options, request),
    )
    cursor = request.single("_cursor")
    if cursor is not None:
        position, horizon = read_cursor(cursor)
        selection = replace(selection, after=position, horizon=horizon)
    return selection, limit == 0 or request.view.counts_only


def _count(request: Request, options: RestOptions) -> int:
    text = request.single("_count")
    if text is None:
        return options.default_page_size
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("The parameter _count is a whole number, 0 or more.")
    return min(int(text), options.max_page_size)


async def _filter(services: Services, options: RestOptions, request: Request) -> HistoryFilter:
    since, at, listed = request.single("_since"), request.single("_at"), request.single("_list")
    return HistoryFilter(
        since=None if since is None else _period("_since", since, options)[0],
        at=None if at is None else _period("_at", at, options),
        listed=None if listed is None else await _listed(services, request, listed),
    )


def _period(name: str, text: str, options: RestOptions) -> tuple[datetime, datetime]:
    try:
        # A plus sign that was not percent-encoded in the query arrives as a space.
        return period_of(text.replace(" ", "+"), zone=options.zone)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"The parameter {name} is not a date, dateTime or instant.") from error


async def _listed(services: Services, request: Request, text: str) -> tuple[tuple[str, str], ...]:
    list_id = text.removeprefix("List/")
    if not is_id(list_id):
        raise Invalid("The parameter _list names a List by its id.")
    return await list_members(services, request.context, list_id, base_url=request.base_url)


async def _bundle(services: Services, request: Request, page: Page) -> bytes:
    head = {
        "resourceType": "Bundle",
        "id": new_id(),
        **({"meta": {"lastUpdated": format_instant(page.settled_at)}} if page.settled_at else {}),
        "type": "history",
        **({"total": page.total} if page.total is not None else {}),
        "link": _links(request, page),
    }
    text = dump(head)
    if not page.versions:
        return text
    parts = [text[:-1], b',"entry":[']
    turn_ends = time.perf_counter() + _TURN_SECONDS
    for version in page.versions:
        parts += await _entry(services, request, version)
        if time.perf_counter() > turn_ends:
            await asyncio.sleep(0)
            turn_ends = time.perf_counter() + _TURN_SECONDS
    # The last part is the comma after the last entry.
    return await joined([*parts[:-1], b"]}"])


async def _entry(services: Services, request: Request, version: StoredVersion) -> tuple[bytes, ...]:
    """Return the parts of an entry and of the comma after it."""
    url = version.type if version.method == "POST" else f"{version.type}/{version.id}"
    rest = dump(
        {
            "request": {"method": version.method, "url": url},
            "response": {
                "status": _STATUS[version.status],
                "etag": etag(version.version),
                "lastModified": format_instant(version.last_updated),
            },
        }
    )
    full_url = dump(f"{request.base_url}/{version.type}/{version.id}")
    if version.deleted:
        return b'{"fullUrl":', full_url, b",", rest[1:], b","
    resource = await shown(services, request.view, await text_of(version))
    return b'{"fullUrl":', full_url, b',"resource":', resource, b",", rest[1:], b","


def _links(request: Request, page: Page) -> list[dict[str, str]]:
    path = "/".join(part for part in (request.base_url, request.type, request.id, "_history") if part)
    used = [
        (name, value)
        for name, values in request.query.items()
        if name in _PARAMETERS or name in GENERAL_PARAMETERS
        for value in values
        if value
    ]
    links = [{"relation": "self", "url": _url(path, used)}]
    if page.next is not None and page.next.after is not None:
        cursor = write_cursor(page.next.after, page.next.horizon)
        following = [(name, value) for name, value in used if name != "_cursor"]
        links.append({"relation": "next", "url": _url(path, [*following, ("_cursor", cursor)])})
    return links


def _url(path: str, parameters: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path
