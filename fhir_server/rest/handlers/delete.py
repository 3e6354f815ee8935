"""delete over HTTP.

https://hl7.org/fhir/R4/http.html#delete
"""

from fhir_server.interactions.change import Effect
from fhir_server.interactions.delete import delete
from fhir_server.interactions.services import Services
from fhir_server.rest.conditional import etag
from fhir_server.rest.handlers.update import precondition_of
from fhir_server.rest.message import NO_PARAMETERS, Request, Response
from fhir_server.rest.options import RestOptions
from fhir_server.rest.outcome import success_text
from fhir_server.rest.prefer import Return


async def handle_delete(services: Services, _options: RestOptions, request: Request) -> Response:
    """Delete the resource: 204, or 200 with an OperationOutcome where the client prefers one."""
    request.require_known_parameters(NO_PARAMETERS)
    result = await delete(services, request.context, request.type, request.id, precondition=precondition_of(request))
    version = result.version
    headers = () if version is None else (("ETag", etag(version.version)),)
    if request.preferences.returned is not Return.OPERATION_OUTCOME:
        return Response(204, b"", headers)
    deleted = result.decision.effect is Effect.DELETED
    name = f"{request.type}/{request.id}"
    told = success_text(f"{name} was deleted." if deleted else f"{name} is not there.")
    return Response(200, request.view.formatted(told), headers)
