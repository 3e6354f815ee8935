"""The server process: the FHIR endpoint, and FastAPI for what lies beside it.

https://asgi.readthedocs.io/en/latest/specs/lifespan.html
"""

import asyncio
import contextlib
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp, Receive, Scope, Send

from fhir_server import __version__
from fhir_server.core.log import configure_logging, flush_logs
from fhir_server.core.settings import Settings, load_settings
from fhir_server.definitions import load_definitions
from fhir_server.rest.beside import PRODUCT, add_routes_beside
from fhir_server.rest.cors import with_cors
from fhir_server.rest.endpoint import FhirEndpoint
from fhir_server.rest.metrics import Metrics, multiprocess_folder, watch_loop
from fhir_server.rest.rehearsal import rehearse
from fhir_server.rest.telemetry import Telemetry
from fhir_server.storage.pools import Database
from fhir_server.wiring import FHIR_ROOT, open_redis, open_services, readiness_checks, rest_options

_SECONDS_BETWEEN_CHORES = 0.2

_logger = logging.getLogger("fhir_server")

_SECONDS_OF_A_THREAD = 0.001
"""For how long a thread beside the event loop may keep the interpreter when the loop wants it."""


def application(environ: Mapping[str, str] = os.environ) -> ASGIApp:
    """Return the ASGI application that the settings in `environ` describe.

    Raises StartRefused where they are wrong or lack the URLs of the database and of Redis.
    """
    settings = load_settings(environ)
    configure_logging(settings.telemetry.log_level, settings.telemetry.log_format)
    return with_cors(Application(settings), settings.server.cors_origins)


class Application:
    """Hands each request to the FHIR endpoint or to FastAPI, by its path.

    FastAPI's router is not asked first, because its way to a route costs as much as a read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._endpoint: FhirEndpoint | None = None
        self._beside = FastAPI(
            title=PRODUCT,
            version=__version__,
            lifespan=self._lifespan,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        if scope["type"] == "http" and self._endpoint is not None:
            path: str = scope["path"]
            if path.startswith(FHIR_ROOT) and path[len(FHIR_ROOT) : len(FHIR_ROOT) + 1] in ("", "/"):
                await self._endpoint(scope, receive, send)
                return
        await self._beside(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        settings = self._settings
        async with AsyncExitStack() as stack:
            definitions = load_definitions(max_number_length=settings.limits.max_number_characters)
            metrics = Metrics(
                CollectorRegistry(), types=frozenset(definitions.stored_types), folder=multiprocess_folder()
            )
            telemetry = Telemetry(_logger, metrics, settings.pool.slow_statement_ms)
            services = await stack.enter_async_context(
                open_services(settings, definitions, on_statement=telemetry.statement_finished)
            )
            redis = await stack.enter_async_context(open_redis(settings))
            stack.callback(flush_logs)
            keep_house = _housekeeping(metrics, services.database)
            await stack.enter_async_context(_running(watch_loop(keep_house, interval=_SECONDS_BETWEEN_CHORES)))
            add_routes_beside(
                app,
                fhir_root=FHIR_ROOT,
                checks=readiness_checks(services, redis),
                metrics=metrics if settings.telemetry.metrics else None,
            )
            options = rest_options(settings)
            self._endpoint = FhirEndpoint(services, options, telemetry)
            rehearse(services, options)
            _spare_the_loop()
            yield
            self._endpoint = None


def _housekeeping(metrics: Metrics, database: Database) -> Callable[[float], None]:
    """Return what is done every now and then: it is told how late the event loop woke it, in seconds."""

    def chores(lag: float) -> None:
        metrics.loop_lagged(lag)
        for name, states in database.pool_states().items():
            metrics.pool_is(name, states)
        flush_logs()

    return chores


def _spare_the_loop() -> None:
    """Keep the garbage collector and other threads from holding up the event loop."""
    # What is there by now stays for good, so that the garbage collector need not go through it again and again.
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(_SECONDS_OF_A_THREAD)


@asynccontextmanager
async def _running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
