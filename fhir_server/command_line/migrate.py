"""`neonpro migrate`"""

import os

import typer

from fhir_server.command_line.servers import running_servers
from fhir_server.core.settings import load_settings
from fhir_server.storage.migrations import upgrade


def migrate() -> None:
    """Bring the database to the schema of this release; repeating it is harmless."""
    settings = load_settings(os.environ)
    with running_servers(settings.storage) as servers:
        upgrade(servers.migration_url, app_role=servers.app_role)
    typer.echo("The database has the schema of this release.")
