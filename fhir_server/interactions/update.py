"""update: store a resource under an id that the client names.

https://hl7.org/fhir/R4/http.html#update and https://hl7.org/fhir/R4/http.html#upsert
"""

from fhir_server.core.context import Context
from fhir_server.interactions.change import NO_PRECONDITION, Change, Precondition
from fhir_server.interactions.prepare import require_same_id
from fhir_server.interactions.services import Services
from fhir_server.interactions.write import Result, write


async def update(
    services: Services,
    context: Context,
    resource_type: str,
    resource_id: str,
    data: bytes,
    *,
    precondition: Precondition = NO_PRECONDITION,
) -> Result:
    """Store the resource in `data` as the next version, or as the first where there is none.

    Where the present version holds the same values nothing is stored and the present version is the result.
    Raises Invalid, PreconditionFailed, or MethodNotAllowed where clients may not choose ids.
    """
    content = await services.preparation.content(resource_type, data)
    require_same_id(content, resource_type, resource_id)
    change = Change("PUT", resource_type, resource_id, content, precondition)
    return (await write(services, context, [change]))[0]
