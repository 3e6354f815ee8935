"""capabilities over HTTP.

https://hl7.org/fhir/R4/http.html#capabilities
"""

from fhir_server.interactions.services import Services
from fhir_server.rest.capability_statement import (
    RELEASED,
    Capabilities,
    CapabilityOptions,
    Mode,
    capabilities,
    parse_mode,
)
from fhir_server.rest.conditional import etag, is_not_modified, parse_conditions
from fhir_server.rest.message import Request, Response
from fhir_server.rest.options import RestOptions
from fhir_server.rest.places import Place, allowed_at
from fhir_server.rest.showing import formatted, shown

_PARAMETERS = frozenset({"mode"})


def offered(services: Services, options: RestOptions, *, mode: Mode, base_url: str) -> Capabilities:
    """Return what the server offers to clients that reach it at `base_url`; the first call takes ten milliseconds."""
    found = CapabilityOptions(
        update_create=services.rules.update_create,
        versioned_update=services.rules.versioned_update,
        cors=options.cors,
    )
    return capabilities(services.definitions, found, mode=mode, base_url=base_url)


async def handle_capabilities(services: Services, options: RestOptions, request: Request) -> Response:
    """Answer with what the server offers, or 304 where the client has it."""
    request.require_known_parameters(_PARAMETERS)
    found = offered(services, options, mode=parse_mode(request.single("mode")), base_url=request.base_url)
    headers: tuple[tuple[str, str], ...] = (("ETag", etag(found.version_id)),)
    if request.method == "OPTIONS":
        headers = (*headers, ("Allow", ", ".join(allowed_at(Place(request.place)))))
    conditions = parse_conditions(None, request.headers.get("if-none-match"))
    if is_not_modified(found.version_id, RELEASED, conditions):
        return Response(304, b"", headers)
    text = await shown(services, request.view, found.text)
    return Response(200, await formatted(services, request.view, text), headers)
