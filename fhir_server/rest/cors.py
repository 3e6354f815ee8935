"""Browser applications of other origins: cross-origin resource sharing.

https://hl7.org/fhir/R4/security.html#cors
"""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
REQUEST_HEADERS = (
    *("Accept", "Authorization", "Content-Type", "If-Match", "If-Modified-Since", "If-None-Match", "Prefer"),
    *("X-Correlation-Id", "X-Request-Id", "traceparent", "tracestate"),
)
ANSWER_HEADERS = (
    *("Content-Location", "ETag", "Last-Modified", "Location", "Retry-After"),
    *("X-Correlation-Id", "X-Request-Id", "traceparent"),
)


def with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Return `app` open to browser applications of `origins`, each as `https://app.example.org`, or `*`.

    Without origins `app` itself comes back and no request pays for it. Cookies are never allowed.
    """
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=REQUEST_HEADERS,
        expose_headers=ANSWER_HEADERS,
        max_age=3600,
    )
