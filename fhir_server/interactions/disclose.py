"""The one way in which stored versions leave the database for anybody.

https://hl7.org/fhir/R4/http.html#read
"""

from fhir_server.core.context import Context
from fhir_server.interactions.services import Services
from fhir_server.storage.pools import Freshness
from fhir_server.storage.selection import Selection, select
from fhir_server.storage.version import StoredVersion


async def disclose(
    services: Services, context: Context, selection: Selection, *, freshness: Freshness
) -> list[StoredVersion]:
    """Return the selected versions of the context's tenant; deletions are among them."""
    async with services.database.connection(freshness) as connection:
        return await select(connection, tenant=context.tenant, selection=selection)
