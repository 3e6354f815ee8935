"""Watching a server from its main process: is it ready, and do its embedded servers run?"""

import http.client
import os
import signal
import threading
import time

import typer

from fhir_server.command_line.greeting import greeting
from fhir_server.command_line.servers import Servers
from fhir_server.core.settings import Settings

_PAUSE = 0.05
_WATCH_EVERY = 1.0
_PATIENCE = 60.0


class Watch:
    """A thread that greets the user once the server is ready, then watches the embedded servers.

    `ended` is the name of the embedded server that has ended by itself, or None.
    """

    def __init__(self, settings: Settings, servers: Servers) -> None:
        self.ended: str | None = None
        self._settings = settings
        self._servers = servers
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Cease to watch."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        self._greet()
        while not self._stopped.is_set():
            self.ended = self._servers.ended()
            if self.ended:
                os.kill(os.getpid(), signal.SIGTERM)
                return
            self._stopped.wait(_WATCH_EVERY)

    def _greet(self) -> None:
        server = self._settings.server
        deadline = time.monotonic() + _PATIENCE
        while not is_ready(server.host, server.port):
            if time.monotonic() > deadline:
                typer.echo("neonpro: The server is not ready yet; /readyz tells what it waits for.", err=True)
                return
            # A server that ended will never be ready, and the watch tells why.
            if self._stopped.wait(_PAUSE) or self._servers.ended():
                return
        typer.echo(greeting(self._settings, self._servers))


def is_ready(host: str, port: int) -> bool:
    """Tell whether the server at `host` and `port` says that it is ready."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
