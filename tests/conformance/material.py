"""The conformance material: the folder that `FHIR_CONFORMANCE_DIR` names, outside the project."""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

FOLDER = os.environ.get("FHIR_CONFORMANCE_DIR")

needs_material = pytest.mark.skipif(
    not FOLDER, reason="FHIR_CONFORMANCE_DIR does not name the folder of the conformance material"
)


def official_examples() -> Iterator[tuple[str, bytes]]:
    """Yield name and text of each of the official examples of R4."""
    return _files("r4-examples.tar.xz")


def synthea_resources() -> Iterator[bytes]:
    """Yield the minified text of every resource in the Synthea bundles."""
    for _, bundle in _files("synthea.tar.xz"):
        entries = msgspec.json.decode(msgspec.json.format(bundle, indent=-1), type=_Bundle).entry
        yield from (bytes(entry.resource) for entry in entries)


class _Entry(msgspec.Struct):
    resource: msgspec.Raw


class _Bundle(msgspec.Struct):
    entry: list[_Entry]


def _files(archive: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(Path(FOLDER or "") / archive) as files:
        for member in files:
            content = files.extractfile(member)
            if content is not None and member.name.endswith(".json"):
                yield member.name.removeprefix("./"), content.read()
