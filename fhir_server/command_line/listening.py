"""The address that the server listens on."""

import errno
import socket

from fhir_server.core.errors import StartRefused
from fhir_server.core.settings import PREFIX


def refuse_port_in_use(host: str, port: int) -> None:
    """Raise `StartRefused` where nothing can listen on `host` and `port`."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            # The workers share their port, so only a listener that does not share notices another server.
            probe.listen(1)
        except OSError as failure:
            raise StartRefused(_sentence(failure, host, port)) from failure


def http_origin(host: str, port: int) -> str:
    """Return the origin of a server at `host` and `port`: `http://[::1]:8000`."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _sentence(failure: OSError, host: str, port: int) -> str:
    if failure.errno == errno.EADDRINUSE:
        return f"Another program listens on {host}, port {port}; stop it or choose another {PREFIX}PORT."
    return f"The server cannot listen on {host}, port {port}: {failure.strerror}."
