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

from fhir_server.core.errors import StartRefused
from fhir_server.core.settings import ServerSettings
from fhir_server.storage.embedded.process import end_with_parent

_APPLICATION = "fhir_server.app"
# Its messages go where ours go, in our format: a traceback could repeat what a request held.
_LOGGERS = {"_granian": {"level": "WARNING", "propagate": True, "handlers": []}}


def run_workers(settings: ServerSettings) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight are finished within the grace period.

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
    server.serve(target_loader=load_application, wrap_loader=False)


def load_application() -> Any:
    """Return the application, in a worker process that ends with the server's main process."""
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
