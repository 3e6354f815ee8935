"""All commands of `neonpro`: a new one is a file with a function, and a line here."""

import typer

from fhir_server.command_line.capabilities import capabilities
from fhir_server.command_line.db_shell import db_shell
from fhir_server.command_line.load import load
from fhir_server.command_line.migrate import migrate
from fhir_server.command_line.serve import serve
from fhir_server.command_line.version import version

neonpro = typer.Typer(
    name="neonpro",
    help="NeonPro FHIR Server: HL7 FHIR R4 on PostgreSQL. Its settings are environment variables, NEONPRO_…",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
neonpro.command()(serve)
neonpro.command()(migrate)
neonpro.command()(load)
neonpro.command()(capabilities)
neonpro.command()(version)

db = typer.Typer(help="The database by hand.", no_args_is_help=True)
db.command("shell")(db_shell)
neonpro.add_typer(db, name="db")
