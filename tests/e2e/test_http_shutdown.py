"""A graceful stop: requests in flight are finished."""

import errno
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.plugins.databases import administrator_of
from tests.plugins.fhir_client import answered, client_of, eventually, patient, place_of
from tests.plugins.process import Neonpro


def test_a_request_in_flight_is_answered_before_the_server_stops(start_neonpro: Callable[..., Neonpro]) -> None:
    server = start_neonpro()
    sent = patient()
    administrator = administrator_of(server)
    with client_of(server) as fhir, ThreadPoolExecutor(1) as threads:
        fhir.stored(sent)
        with administrator.holding(place_of(sent)):
            update = threads.submit(fhir.update, {**sent, "active": True})
            administrator.wait_for_waiting(1)
            server.process.send_signal(signal.SIGTERM)
            eventually(lambda: refuses_connections(server), "the server takes no new connections")
            assert not update.done()
        assert answered(update.result(), 200)["meta"]["versionId"] == "2"
    assert server.process.wait(60) == 0


def refuses_connections(server: Neonpro) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", server.port)) == errno.ECONNREFUSED
