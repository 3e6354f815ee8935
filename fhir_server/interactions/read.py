"""read: the present version of a resource.

https://hl7.org/fhir/R4/http.html#read
"""

from fhir_server.core.context import Context
from fhir_server.core.errors import Gone, NotFound
from fhir_server.interactions.disclose import disclose
from fhir_server.interactions.services import Services
from fhir_server.storage.pools import Freshness
from fhir_server.storage.selection import Current
from fhir_server.storage.version import StoredVersion


async def read(
    services: Services,
    context: Context,
    resource_type: str,
    resource_id: str,
    *,
    freshness: Freshness = Freshness.PRIMARY,
) -> StoredVersion:
    """Return the present version. Raises NotFound, or Gone where it is a deletion."""
    found = await disclose(services, context, Current(resource_type, resource_id), freshness=freshness)
    if not found:
        raise NotFound(f"There is no {resource_type}/{resource_id}.")
    return existing(found[0])


def existing(version: StoredVersion) -> StoredVersion:
    """Return `version`, or raise Gone where it is a deletion."""
    if version.deleted:
        raise Gone(
            f"{version.type}/{version.id} was deleted with version {version.version}.",
            version=version.version,
            last_modified=version.last_updated,
        )
    return version
