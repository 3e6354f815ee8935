"""Reads the compiled artefacts: newline-delimited JSON whose first line names content and source."""

from pathlib import Path
from typing import Any

import msgspec


class Source(msgspec.Struct, frozen=True):
    """The package that artefacts were compiled from."""

    package: str
    version: str
    license: str


class Manifest(msgspec.Struct, frozen=True):
    """The artefacts with their SHA-256 in hexadecimal; `format` numbers the form of the records."""

    format: int
    source: Source
    files: dict[str, str]


def read_manifest(folder: Path) -> tuple[Manifest, bytes]:
    """Return the manifest in `folder` and its text, whose digest identifies all artefacts together."""
    text = (folder / "manifest.json").read_bytes()
    return msgspec.json.decode(text, type=Manifest), text


def record_lines(path: Path) -> list[bytes]:
    """Return the records of the artefact at `path`, each as its JSON text."""
    return path.read_bytes().splitlines()[1:]


def records(path: Path, record_type: type[Any]) -> tuple[Any, ...]:
    """Return the records of the artefact at `path` as `record_type`."""
    decoder = msgspec.json.Decoder(record_type)
    return tuple(map(decoder.decode, record_lines(path)))
