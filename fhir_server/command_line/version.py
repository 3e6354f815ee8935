"""`neonpro version`"""

import typer

from fhir_server import __version__


def version() -> None:
    """Print the release and the version of FHIR that it speaks."""
    typer.echo(f"NeonPro FHIR Server {__version__} (FHIR R4, 4.0.1)")
