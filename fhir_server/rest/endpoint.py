"""The FHIR endpoint as a plain ASGI application: one pass from a request to its answer.

https://hl7.org/fhir/R4/http.html

It is no framework's router, because a router's own machinery costs more than a read from the database.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from fhir_server.core.context import Context
from fhir_server.core.errors import FhirError
from fhir_server.interactions.services import Services
from fhir_server.rest.asgi import Receive, Scope, Send, headers_of, query_of, server_of
from fhir_server.rest.base_url import base_url
from fhir_server.rest.body import Incoming
from fhir_server.rest.bounded import HungUp, bounded
from fhir_server.rest.compression import IDENTITY, Codings, accepted_codings, compress, decompress
from fhir_server.rest.errors import answer_to_error
from fhir_server.rest.handlers import HANDLERS
from fhir_server.rest.message import Request, Response
from fhir_server.rest.negotiation import DEFAULT_CONTENT_TYPE, answer_content_type, require_json
from fhir_server.rest.observation import Observation, Observer
from fhir_server.rest.options import RestOptions
from fhir_server.rest.places import interaction_at, place_of, require_id
from fhir_server.rest.prefer import parse_prefer
from fhir_server.rest.showing import formatted
from fhir_server.rest.trace_context import RequestIds, TraceContext, request_ids, trace_context
from fhir_server.rest.view import PLAIN, View, view_of

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_CLIENT_CLOSED = 499
_NOT_MODIFIED = 304
_WITHOUT_LENGTH = frozenset({204, _NOT_MODIFIED})
_PASS_OVER_SECONDS = 2.0


@dataclass(slots=True)
class Exchange:
    """What is known so far of the request in hand; filled in as its parts are read."""

    method: str
    headers: Mapping[str, str]
    ids: RequestIds
    trace: TraceContext
    incoming: Incoming
    interaction: str = "unknown"
    type: str = ""
    content_type: str = DEFAULT_CONTENT_TYPE
    codings: Codings = IDENTITY
    view: View = PLAIN


class FhirEndpoint:
    """Answers everything below the FHIR base URL."""

    def __init__(self, services: Services, options: RestOptions, observer: Observer) -> None:
        self._services = services
        self._options = options
        self._observer = observer
        self._is_stored_type = frozenset(services.definitions.stored_types).__contains__

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; every failure is answered with an OperationOutcome."""
        started = time.perf_counter()
        self._observer.request_started()
        headers = headers_of(scope)
        exchange = Exchange(
            scope["method"],
            headers,
            request_ids(headers.get("x-request-id"), headers.get("x-correlation-id")),
            trace_context(headers.get("traceparent"), headers.get("tracestate")),
            Incoming(receive, headers),
        )
        status, fault = _CLIENT_CLOSED, None
        try:
            response, fault = await self._answer(scope, receive, exchange)
            status = response.status
            await self._send(send, exchange, response)
        except HungUp:
            pass
        finally:
            self._observer.request_finished(
                Observation(
                    method=exchange.method,
                    interaction=exchange.interaction,
                    type=exchange.type,
                    status=status,
                    seconds=time.perf_counter() - started,
                    ids=exchange.ids,
                    trace=exchange.trace,
                    fault=fault,
                )
            )

    async def _answer(
        self, scope: Scope, receive: Receive, exchange: Exchange
    ) -> tuple[Response, BaseException | None]:
        """Return the answer, and the error behind it where the client cannot be told all of it."""
        try:
            request = await self._request(scope, exchange)
            async with bounded(receive, deadline=self._options.deadline, grace=self._options.hang_up_grace):
                return await HANDLERS[request.interaction](self._services, self._options, request), None
        except HungUp:
            raise
        except Exception as error:  # noqa: BLE001
            parts = await answer_to_error(error, request_id=exchange.ids.request_id)
            fault = None if isinstance(error, FhirError) else error
            await exchange.incoming.pass_over(limit=self._options.max_body_bytes, seconds=_PASS_OVER_SECONDS)
            body = await formatted(self._services, exchange.view, parts.body)
            return Response(parts.status, body, parts.headers), fault

    async def _request(self, scope: Scope, exchange: Exchange) -> Request:
        headers = exchange.headers
        query = query_of(scope)
        formats = query.get("_format")
        exchange.content_type = answer_content_type(headers.get("accept"), formats[0] if formats else None)
        exchange.codings = accepted_codings(headers.get("accept-encoding"))
        path: str = scope["path"]
        place = place_of(path[len(self._options.base_url.root) :], is_stored_type=self._is_stored_type)
        exchange.type = place.type
        exchange.interaction = interaction_at(place, exchange.method)
        require_id(place, exchange.method)
        exchange.view = view_of(
            query,
            self._services.definitions,
            resource_type=place.type,
            bundle=exchange.interaction.startswith("history"),
        )
        body = await self._body(exchange) if exchange.method in _WITH_BODY else b""
        base = base_url(self._options.base_url, headers, scheme=scope["scheme"], server=server_of(scope))
        return Request(
            method=exchange.method,
            place=place.name,
            interaction=exchange.interaction,
            type=place.type,
            id=place.id,
            version_id=place.version_id,
            query=query,
            headers=headers,
            body=body,
            base_url=base,
            context=Context(
                request_id=exchange.ids.request_id,
                correlation_id=exchange.ids.correlation_id,
                traceparent=exchange.trace.traceparent,
            ),
            preferences=parse_prefer(headers.get("prefer")),
            view=exchange.view,
        )

    async def _body(self, exchange: Exchange) -> bytes:
        headers, limit = exchange.headers, self._options.max_body_bytes
        require_json(headers.get("content-type"))
        body = await exchange.incoming.read(
            announced=headers.get("content-length"), limit=limit, seconds=self._options.deadline
        )
        return await decompress(body, headers.get("content-encoding"), limit=limit)

    async def _send(self, send: Send, exchange: Exchange, response: Response) -> None:
        body, coding = response.body, None
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in response.headers]
        headers.append((b"x-request-id", exchange.ids.request_id.encode()))
        headers.append((b"traceparent", exchange.trace.traceparent.encode()))
        if exchange.ids.correlation_id is not None:
            headers.append((b"x-correlation-id", exchange.ids.correlation_id.encode()))
        if body:
            body, coding = await compress(
                body,
                exchange.codings,
                minimum_size=self._options.gzip_minimum,
                level=self._options.gzip_level,
            )
            headers.append((b"content-type", exchange.content_type.encode()))
        if body or response.status == _NOT_MODIFIED:
            headers.append((b"vary", b"Accept, Accept-Encoding, Prefer"))
        if coding is not None:
            headers.append((b"content-encoding", coding.encode()))
        if exchange.incoming.left:
            # The next request could not be told from the rest of this one.
            headers.append((b"connection", b"close"))
        if response.status not in _WITHOUT_LENGTH:
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if exchange.method == "HEAD" else body})
