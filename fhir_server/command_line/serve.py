"""`neonpro serve`"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from fhir_server.command_line.listening import refuse_port_in_use
from fhir_server.command_line.servers import Servers, running_servers
from fhir_server.command_line.stopping import stop_signals_end_the_process
from fhir_server.command_line.watch import Watch
from fhir_server.command_line.workers import run_workers
from fhir_server.core.log import configure_logging
from fhir_server.core.settings import PREFIX, Settings, load_settings
from fhir_server.rest.metrics import MULTIPROCESS_VARIABLE
from fhir_server.storage.migrations import upgrade

# For migrations, `neonpro db shell` and whoever looks after the database.
_SPARE_CONNECTIONS = 20


def serve() -> None:
    """Serve FHIR, with a PostgreSQL and a Redis of its own unless the settings name others.

    It ends with exit code 0 when it is asked to stop: requests in flight are finished, then the servers stop.
    """
    settings = load_settings(os.environ)
    configure_logging(settings.telemetry.log_level, settings.telemetry.log_format)
    refuse_port_in_use(settings.server.host, settings.server.port)
    connections = settings.server.workers * settings.pool.pool_size + _SPARE_CONNECTIONS
    with (
        stop_signals_end_the_process(),
        running_servers(settings.storage, connections=connections) as servers,
    ):
        upgrade(servers.migration_url, app_role=servers.app_role)
        _tell_workers(servers)
        with _shared_metrics(settings):
            _serve(settings, servers)


def _tell_workers(servers: Servers) -> None:
    """Put the URLs where the workers read their settings, but for the one that may change the schema."""
    os.environ[f"{PREFIX}DATABASE_URL"] = servers.database_url
    os.environ[f"{PREFIX}REDIS_URL"] = servers.redis_url
    os.environ[f"{PREFIX}DIGEST_KEY"] = servers.digest_key
    os.environ.pop(f"{PREFIX}MIGRATION_DATABASE_URL", None)


@contextmanager
def _shared_metrics(settings: Settings) -> Iterator[None]:
    """Give several workers a folder in which each finds the others' numbers."""
    if settings.server.workers == 1 or not settings.telemetry.metrics:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="neonpro-metrics-") as folder:
        os.environ[MULTIPROCESS_VARIABLE] = folder
        yield


def _serve(settings: Settings, servers: Servers) -> None:
    watch = Watch(settings, servers)
    watch.start()
    try:
        run_workers(settings.server)
    finally:
        watch.stop()
    if watch.ended:
        typer.echo(f"neonpro: {watch.ended} ended unexpectedly, so the server stopped.", err=True)
        raise typer.Exit(1)
