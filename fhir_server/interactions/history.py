"""history: the versions of a resource, of a type, or of everything, newest first, in pages.

https://hl7.org/fhir/R4/http.html#history
"""

from dataclasses import dataclass, replace
from datetime import datetime

from fhir_server.core.context import Context
from fhir_server.core.errors import NotFound
from fhir_server.interactions.disclose import disclose
from fhir_server.interactions.services import Services
from fhir_server.storage.horizon import settled_horizon
from fhir_server.storage.pools import Freshness
from fhir_server.storage.selection import Current, History, Position, count
from fhir_server.storage.version import StoredVersion


@dataclass(frozen=True, slots=True)
class Page:
    """A page of history.

    `next` is the selection of the page after it, or None at the end. `total` counts the versions of all
    pages where that is cheap or was asked for. `settled_at` is a time before which nothing can appear any
    more, or None where that is not known.
    """

    versions: list[StoredVersion]
    next: History | None
    total: int | None
    settled_at: datetime | None = None


async def history(
    services: Services,
    context: Context,
    selection: History,
    *,
    count_only: bool = False,
    freshness: Freshness = Freshness.PRIMARY,
) -> Page:
    """Return the page that `selection` begins, with at most its limit of versions.

    Following `next` shows each version once, however many are written meanwhile: the pages of one history
    end at the same horizon. Raises NotFound where the one resource asked for never existed.
    """
    of_one = selection.id is not None
    settled_at = None
    if not of_one and selection.horizon is None:
        async with services.database.connection(freshness) as connection:
            horizon = await settled_horizon(connection, patience=services.history_patience)
        selection = replace(selection, horizon=horizon.txid)
        settled_at = horizon.at
    total = await _count(services, context, selection, freshness) if of_one or count_only else None
    if of_one and not total:
        await _require_known(services, context, selection, freshness)
    if count_only:
        return Page([], None, total, settled_at)
    wanted = replace(selection, limit=selection.limit + 1)
    versions = await disclose(services, context, wanted, freshness=freshness)
    following = None
    if len(versions) > selection.limit:
        versions = versions[: selection.limit]
        following = replace(selection, after=_position(versions[-1])) if versions else None
    return Page(versions, following, total, settled_at)


def _position(version: StoredVersion) -> Position:
    return Position(version.last_updated, version.rid, version.version)


async def _count(services: Services, context: Context, selection: History, freshness: Freshness) -> int:
    async with services.database.connection(freshness) as connection:
        return await count(connection, tenant=context.tenant, history=selection)


async def _require_known(services: Services, context: Context, selection: History, freshness: Freshness) -> None:
    assert selection.type is not None
    assert selection.id is not None
    known = await disclose(services, context, Current(selection.type, selection.id), freshness=freshness)
    if not known:
        raise NotFound(f"There is no {selection.type}/{selection.id}.")
