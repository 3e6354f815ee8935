"""vread: one version of a resource.

https://hl7.org/fhir/R4/http.html#vread
"""

import re

from fhir_server.core.context import Context
from fhir_server.core.errors import NotFound
from fhir_server.interactions.disclose import disclose
from fhir_server.interactions.read import existing
from fhir_server.interactions.services import Services
from fhir_server.storage.pools import Freshness
from fhir_server.storage.selection import OneVersion
from fhir_server.storage.version import StoredVersion

_VERSION_ID = re.compile(r"[1-9][0-9]{0,17}\Z")


async def vread(
    services: Services,
    context: Context,
    resource_type: str,
    resource_id: str,
    version_id: str,
    *,
    freshness: Freshness = Freshness.PRIMARY,
) -> StoredVersion:
    """Return the version. Raises NotFound, or Gone where the version is a deletion."""
    found = None
    if _VERSION_ID.match(version_id):
        selection = OneVersion(resource_type, resource_id, int(version_id))
        found = await disclose(services, context, selection, freshness=freshness)
    if not found:
        raise NotFound(f"There is no such version of {resource_type}/{resource_id}.")
    return existing(found[0])
