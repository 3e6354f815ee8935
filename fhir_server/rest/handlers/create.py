"""create over HTTP.

https://hl7.org/fhir/R4/http.html#create
"""

from fhir_server.core.errors import NotSupported
from fhir_server.interactions.create import create
from fhir_server.interactions.services import Services
from fhir_server.rest.handlers.representation import written
from fhir_server.rest.message import NO_PARAMETERS, Request, Response
from fhir_server.rest.options import RestOptions


async def handle_create(services: Services, _options: RestOptions, request: Request) -> Response:
    """Store the body under a new id and answer 201 with its place."""
    request.require_known_parameters(NO_PARAMETERS)
    if "if-none-exist" in request.headers:
        raise NotSupported("Conditional create (If-None-Exist) is not offered yet; nothing was stored.")
    return await written(services, request, await create(services, request.context, request.type, request.body))
