"""`neonpro`, also as `python -m fhir_server`."""

import importlib
import sys

from fhir_server.core.errors import FhirError


def main() -> None:
    """Run the command line; an expected failure is one line on standard error and exit code 1."""
    try:
        # Every worker process imports this module again and needs none of the commands.
        importlib.import_module("fhir_server.command_line.commands").neonpro()
    except FhirError as failure:
        sys.stderr.write(f"neonpro: {failure}\n")
    except OSError as failure:
        place = f"{failure.filename}: " if failure.filename else ""
        sys.stderr.write(f"neonpro: {place}{failure.strerror or failure}\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
