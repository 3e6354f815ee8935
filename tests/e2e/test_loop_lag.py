"""No work keeps the event loop from other requests for longer than 5 ms."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from fhir_server.storage.embedded.redis import EmbeddedRedis
from tests.e2e.loop_load import longest_stretches
from tests.plugins.servers import Database

LIMIT = 0.005
ATTEMPTS = 3


def _stretches(environ: dict[str, str]) -> dict[str, float]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(longest_stretches, environ).result()


def test_no_synchronous_stretch_of_the_event_loop_is_too_long(database: Database, redis_server: EmbeddedRedis) -> None:
    environ = {
        "NEONPRO_DATABASE_URL": database.app_url,
        "NEONPRO_REDIS_URL": redis_server.url,
        "NEONPRO_DIGEST_KEY": "0" * 64,
        "NEONPRO_LOG_LEVEL": "warning",
    }
    found: dict[str, float] = {}
    # A machine under load shows work longer than it is, but never shorter, and not the same work every time.
    for _ in range(ATTEMPTS):
        again = _stretches(environ)
        found = {phase: min(seconds, found.get(phase, seconds)) for phase, seconds in again.items()}
        if max(found.values()) <= LIMIT:
            break
    milliseconds = {phase: round(seconds * 1000, 1) for phase, seconds in found.items()}
    assert not {phase: each for phase, each in milliseconds.items() if each > LIMIT * 1000}
