"""`neonpro db shell`"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fhir_server.core.settings import StorageSettings, load_settings
from fhir_server.storage.embedded.data_directory import open_data_directory
from fhir_server.storage.embedded.postgresql import running_postgresql, start_postgresql
from fhir_server.storage.embedded.postgresql_address import PostgresqlAddress
from fhir_server.storage.embedded.postgresql_roles import DATABASE
from fhir_server.storage.embedded.programs import psql_program


class Role(StrEnum):
    """As whom to enter the embedded database."""

    APP = "app"
    MIGRATE = "migrate"
    SUPERUSER = "superuser"


def db_shell(
    role: Annotated[Role, typer.Option("--as", help="The role, in the embedded database.")] = Role.APP,
    command: Annotated[str | None, typer.Option("--command", "-c", help="Run this and leave.")] = None,
) -> None:
    """Open psql on the server's database, whether or not the server runs."""
    settings = load_settings(os.environ)
    with _entrance(settings.storage, role) as (url, program):
        parameters = conninfo_to_dict(url)
        password = str(parameters.pop("password", ""))
        arguments = [str(program), make_conninfo("", **parameters), *(["-c", command] if command else [])]
        # psql itself answers an interrupt: it cancels the statement, and this process waits for psql.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            done = subprocess.run(  # noqa: S603 - psql with the arguments of the user
                arguments, env={**os.environ, "PGPASSWORD": password}, check=False
            )
        finally:
            signal.signal(signal.SIGINT, before)
    raise typer.Exit(done.returncode)


@contextmanager
def _entrance(storage: StorageSettings, role: Role) -> Iterator[tuple[str, Path]]:
    """Yield the URL of the database and the psql that speaks with it."""
    if storage.database_url:
        chosen = storage.migration_database_url if role is Role.MIGRATE else None
        # The wheel's psql has no TLS, which a server elsewhere may ask for.
        yield (
            (chosen or storage.database_url).get_secret_value(),
            Path(shutil.which("psql") or psql_program()),
        )
        return
    running = running_postgresql(storage.data_dir)
    if running:
        yield _url(running, role), psql_program()
        return
    with open_data_directory(storage.data_dir) as directory:
        server = start_postgresql(directory)
        try:
            yield _url(server.address, role), psql_program()
        finally:
            server.stop()


def _url(address: PostgresqlAddress, role: Role) -> str:
    match role:
        case Role.APP:
            return address.app_url()
        case Role.MIGRATE:
            return address.migration_url()
        case Role.SUPERUSER:
            return address.superuser_url(DATABASE)
