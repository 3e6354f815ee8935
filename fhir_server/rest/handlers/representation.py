"""How a stored version is shown.

https://hl7.org/fhir/R4/http.html#return and https://hl7.org/fhir/R4/search.html#summary
"""

from fhir_server.core.instant import format_http_date
from fhir_server.interactions.change import Effect
from fhir_server.interactions.services import Services
from fhir_server.interactions.write import Result
from fhir_server.rest.conditional import etag
from fhir_server.rest.message import Request, Response
from fhir_server.rest.outcome import success_text
from fhir_server.rest.prefer import Return
from fhir_server.rest.showing import formatted, shown, text_of
from fhir_server.rest.view import PLAIN
from fhir_server.storage.version import StoredVersion


def version_headers(version: StoredVersion) -> tuple[tuple[str, str], ...]:
    """Return `ETag` and `Last-Modified` of a version."""
    return (("ETag", etag(version.version)), ("Last-Modified", format_http_date(version.last_updated)))


async def representation(services: Services, request: Request, version: StoredVersion) -> bytes:
    """Return the resource as the parameters of the request ask to see it."""
    text = await text_of(version)
    if request.view is PLAIN:
        return text
    text = await shown(services, request.view, text)
    return await formatted(services, request.view, text)


async def written(services: Services, request: Request, result: Result) -> Response:
    """Return the answer to a successful create or update, as `Prefer: return` asks for it."""
    version = result.version
    assert version is not None
    status = 201 if result.decision.effect is Effect.CREATED else 200
    headers = version_headers(version)
    if status == 201:
        location = f"{request.base_url}/{version.type}/{version.id}/_history/{version.version}"
        headers = (("Location", location), *headers)
    match request.preferences.returned:
        case Return.MINIMAL:
            return Response(status, b"", headers)
        case Return.OPERATION_OUTCOME:
            return Response(status, request.view.formatted(success_text(_sentence(result))), headers)
        case _:
            return Response(status, await representation(services, request, version), headers)


def _sentence(result: Result) -> str:
    version = result.version
    assert version is not None
    name = f"{version.type}/{version.id}"
    match result.decision.effect:
        case Effect.UNCHANGED:
            return f"{name} already held these values; it stays at version {version.version}."
        case effect:
            return f"{name} was {effect} with version {version.version}."
