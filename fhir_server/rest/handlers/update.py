"""update over HTTP.

https://hl7.org/fhir/R4/http.html#update
"""

from fhir_server.interactions.change import Precondition
from fhir_server.interactions.services import Services
from fhir_server.interactions.update import update
from fhir_server.rest.conditional import parse_conditions
from fhir_server.rest.handlers.representation import written
from fhir_server.rest.message import NO_PARAMETERS, Request, Response
from fhir_server.rest.options import RestOptions


async def handle_update(services: Services, _options: RestOptions, request: Request) -> Response:
    """Store the body as the next version: 200, or 201 where the resource was not there."""
    request.require_known_parameters(NO_PARAMETERS)
    result = await update(
        services,
        request.context,
        request.type,
        request.id,
        request.body,
        precondition=precondition_of(request),
    )
    return await written(services, request, result)


def precondition_of(request: Request) -> Precondition:
    """Return what the headers `If-Match` and `If-None-Match` ask of the present version."""
    conditions = parse_conditions(request.headers.get("if-match"), request.headers.get("if-none-match"))
    return Precondition(conditions.if_match, conditions.if_none_match)
