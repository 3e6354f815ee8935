"""delete: make a version that says the resource is gone.

https://hl7.org/fhir/R4/http.html#delete
"""

from fhir_server.core.context import Context
from fhir_server.interactions.change import NO_PRECONDITION, Change, Precondition
from fhir_server.interactions.services import Services
from fhir_server.interactions.write import Result, write


async def delete(
    services: Services,
    context: Context,
    resource_type: str,
    resource_id: str,
    *,
    precondition: Precondition = NO_PRECONDITION,
) -> Result:
    """Delete the resource; one that is gone already, or never was, is no error. Raises PreconditionFailed."""
    change = Change("DELETE", resource_type, resource_id, None, precondition)
    return (await write(services, context, [change]))[0]
