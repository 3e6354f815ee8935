"""create: store a resource under an id that the server assigns.

https://hl7.org/fhir/R4/http.html#create
"""

from fhir_server.core.context import Context
from fhir_server.core.ids import new_id
from fhir_server.interactions.change import Change
from fhir_server.interactions.services import Services
from fhir_server.interactions.write import Result, write


async def create(services: Services, context: Context, resource_type: str, data: bytes) -> Result:
    """Store the resource in `data`, whose own id is ignored. Raises Invalid."""
    content = await services.preparation.content(resource_type, data)
    change = Change("POST", resource_type, new_id(), content, new=True)
    return (await write(services, context, [change]))[0]
