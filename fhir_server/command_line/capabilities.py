"""`neonpro capabilities`"""

import os
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.core.json import dump
from fhir_server.core.settings import Settings, load_settings
from fhir_server.definitions import Definitions, load_definitions
from fhir_server.rest.capability_statement import CapabilityOptions, statement
from fhir_server.rest.pretty import pretty


def capabilities(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
) -> None:
    """Print the CapabilityStatement of a server with the present settings, without its address."""
    text = capability_text(load_definitions(), load_settings(os.environ))
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def capability_text(definitions: Definitions, settings: Settings) -> str:
    """Return the CapabilityStatement as indented JSON that ends with a newline."""
    options = CapabilityOptions(
        update_create=settings.fhir.update_create,
        versioned_update=settings.fhir.versioned_update,
        cors=bool(settings.server.cors_origins),
    )
    return pretty(dump(statement(definitions, options))).decode() + "\n"
