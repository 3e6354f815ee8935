"""The worker processes: granian runs the application in each of them.

https://github.com/emmett-framework/granian
"""

import importlib
import multiprocessing
import os
import signal
import sys
from typing import Any

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server
from granian.server.common import AbstractServer

from fhir_server.core.errors import StartRefused
from fhir_server.core.settings import ServerSettings
from fhir_server.storage.embedded.process import end_with_parent

_APPLICATION = "fhir_server.app"
# Its messages go where ours go, in our format: a traceback could repeat what a request held.
_LOGGERS = {"_granian": {"level": "WARNING", "propagate": True, "handlers": []}}


def run_workers(settings: ServerSettings) -> None:
    """Serve until a signal to stop; requests in flight are finished within the grace period.

    Ends the process with exit code 1 when workers keep failing.
    """
    # A forked worker would hold the lock of the data directory beyond the end of this process.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        _APPLICATION,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        loop=Loops.uvloop,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig={"loggers": _LOGGERS},
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=settings.shutdown_grace_seconds,
    )
    _keep_hangup_a_signal_to_stop(server)
    server.serve(target_loader=load_application, wrap_loader=False)


def _keep_hangup_a_signal_to_stop(server: AbstractServer[Any]) -> None:
    """Have a closed terminal stop the server; granian would take it for a wish for new workers."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    handler = signal.SIG_IGN if ignored else server.signal_handler_interrupt
    server.on_startup(lambda: signal.signal(signal.SIGHUP, handler))


def load_application() -> Any:
    """Return the application, in a worker process that ends with the server's main process."""
    # The main process hears of it too, and stops its workers in order.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # A worker that outlived it would keep the port from the next server.
    end_with_parent(signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent and parent.pid != os.getppid():
        sys.exit(1)
    try:
        # It is imported here, because only workers need all that comes with it.
        return importlib.import_module(_APPLICATION).application()
    except StartRefused as refusal:
        sys.stderr.write(f"neonpro: {refusal}\n")
        sys.exit(1)
