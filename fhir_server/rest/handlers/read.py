"""read and vread over HTTP, conditional read included.

https://hl7.org/fhir/R4/http.html#read and https://hl7.org/fhir/R4/http.html#cread
"""

from fhir_server.interactions.read import read
from fhir_server.interactions.services import Services
from fhir_server.interactions.vread import vread
from fhir_server.rest.conditional import is_not_modified, parse_conditions
from fhir_server.rest.handlers.representation import representation, version_headers
from fhir_server.rest.message import NO_PARAMETERS, Request, Response
from fhir_server.rest.options import RestOptions
from fhir_server.storage.version import StoredVersion


async def handle_read(services: Services, _options: RestOptions, request: Request) -> Response:
    """Answer with the present version, or 304 where the client has it."""
    request.require_known_parameters(NO_PARAMETERS)
    return await _answer(services, request, await read(services, request.context, request.type, request.id))


async def handle_vread(services: Services, _options: RestOptions, request: Request) -> Response:
    """Answer with the version, or 304 where the client has it."""
    request.require_known_parameters(NO_PARAMETERS)
    found = await vread(services, request.context, request.type, request.id, request.version_id)
    return await _answer(services, request, found)


async def _answer(services: Services, request: Request, version: StoredVersion) -> Response:
    conditions = parse_conditions(None, request.headers.get("if-none-match"), request.headers.get("if-modified-since"))
    headers = version_headers(version)
    if is_not_modified(version.version, version.last_updated, conditions):
        return Response(304, b"", headers)
    return Response(200, await representation(services, request, version), headers)
