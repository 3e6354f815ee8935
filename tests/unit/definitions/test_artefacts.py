"""The committed artefacts: whole, facts only, and the same whenever they are compiled."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_server.core.data import data_folder
from fhir_server.definitions.artefacts import read_manifest
from tools.compile_definitions.artefacts import MANIFEST, compile_package
from tools.compile_definitions.package import read_package

PROSE = {
    "definition", "description", "comment", "requirements", "short", "human", "purpose", "copyright", "documentation",
    "text", "usage", "meaningWhenMissing", "xpath",
}  # fmt: skip
NAMES, _ = read_manifest(data_folder("profiles") / "r4")


def place_of(name: str) -> Path:
    """Return where the artefact `name` (`profiles/r4/…`) lies."""
    folder, _, rest = name.partition("/")
    return data_folder(folder) / rest


def names_in(value: Any) -> Iterator[str]:
    """Yield the name of every member of every object in `value`."""
    if isinstance(value, dict):
        for name, held in value.items():
            # A composite search parameter names the definitions of its parts; a fixed value is a fact whole.
            if name != "component" and not name.startswith(("fixed", "pattern")):
                yield name
                yield from names_in(held)
    elif isinstance(value, list):
        for item in value:
            yield from names_in(item)


@pytest.mark.parametrize("name", NAMES.files)
def test_an_artefact_has_the_digest_that_the_manifest_records(name: str) -> None:
    assert hashlib.sha256(place_of(name).read_bytes()).hexdigest() == NAMES.files[name]


@pytest.mark.parametrize("name", NAMES.files)
def test_an_artefact_names_its_source_and_holds_facts_only(name: str) -> None:
    header, *records = map(json.loads, place_of(name).read_bytes().splitlines())
    assert header["source"] == {"package": "hl7.fhir.r4.core", "version": "4.0.1", "license": "CC0-1.0"}
    assert header["records"] == len(records) > 0
    assert PROSE.isdisjoint(names_in(records))


def test_no_artefact_lies_beside_those_of_the_manifest() -> None:
    there = {
        f"{folder}/r4/{path.name}"
        for folder in ("profiles", "terminology")
        for path in (data_folder(folder) / "r4").iterdir()
    }
    assert there == set(NAMES.files) | {MANIFEST}


@pytest.mark.skipif(
    not os.environ.get("NEONPRO_R4_PACKAGE"),
    reason="NEONPRO_R4_PACKAGE does not name the file of the package hl7.fhir.r4.core",
)
def test_compiling_the_package_again_gives_the_same_bytes() -> None:
    compiled = compile_package(read_package(Path(os.environ["NEONPRO_R4_PACKAGE"])))
    assert {name: hashlib.sha256(content).hexdigest() for name, content in compiled.items()} == {
        name: hashlib.sha256(place_of(name).read_bytes()).hexdigest() for name in (*NAMES.files, MANIFEST)
    }
