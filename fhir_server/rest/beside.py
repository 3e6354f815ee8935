"""What lies beside the FHIR endpoint: the landing page, health and metrics.

https://fastapi.tiangolo.com/
"""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI, Request, Response

from fhir_server import __version__
from fhir_server.rest import health
from fhir_server.rest.landing import landing
from fhir_server.rest.metrics import CONTENT_TYPE, Metrics

PRODUCT = "NeonPro FHIR Server"
_READY_SECONDS = 2.0


def add_routes_beside(
    app: FastAPI, *, fhir_root: str, checks: Mapping[str, health.Check], metrics: Metrics | None
) -> None:
    """Give `app` the routes `/`, `/livez`, `/readyz` and, with metrics, `/metrics`."""
    links = {
        "What the FHIR endpoint offers": f"{fhir_root}/metadata",
        "Is the process alive?": "/livez",
        "Is it ready to serve?": "/readyz",
    }
    if metrics is not None:
        links["Metrics"] = "/metrics"

    async def root(request: Request) -> Response:
        found = landing(request.headers.get("accept"), name=PRODUCT, version=__version__, links=links)
        return Response(found.body, headers=dict(found.headers))

    async def livez() -> Response:
        return _health(health.liveness(__version__))

    async def readyz() -> Response:
        found = await health.readiness(checks, version=__version__, timeout_seconds=_READY_SECONDS)
        return _health(found)

    routes: dict[str, Callable[..., Awaitable[Response]]] = {"/": root, "/livez": livez, "/readyz": readyz}
    if metrics is not None:
        shown = metrics

        async def exposition() -> Response:
            return Response(await shown.exposition(), media_type=CONTENT_TYPE)

        routes["/metrics"] = exposition
    for path, endpoint in routes.items():
        app.add_api_route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)


def _health(found: health.Health) -> Response:
    return Response(found.body, found.status, media_type=health.CONTENT_TYPE)
