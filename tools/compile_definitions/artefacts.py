"""The artefacts: what they are called, what they hold, and how they are written."""

import hashlib
import json
from pathlib import Path

from tools.compile_definitions import conformance, structures, terminology
from tools.compile_definitions.package import JsonObject, Package

MANIFEST = "profiles/r4/manifest.json"
_FORMAT = 1


def compile_package(package: Package) -> dict[str, bytes]:
    """Return the content of every artefact by its path; the manifest lists the others with their SHA-256."""
    found = package.resources
    records = {
        "profiles/r4/types.ndjson": structures.compile_types(found["StructureDefinition"]),
        "profiles/r4/profiles.ndjson": structures.compile_profiles(found["StructureDefinition"]),
        "profiles/r4/search-parameters.ndjson": conformance.compile_search_parameters(found["SearchParameter"]),
        "profiles/r4/compartments.ndjson": conformance.compile_compartments(found["CompartmentDefinition"]),
        "profiles/r4/operations.ndjson": conformance.compile_operations(found["OperationDefinition"]),
        "terminology/r4/code-systems.ndjson": terminology.compile_code_systems(found["CodeSystem"]),
        "terminology/r4/value-sets.ndjson": terminology.compile_value_sets(found["ValueSet"]),
        "terminology/r4/concept-maps.ndjson": terminology.compile_concept_maps(found["ConceptMap"]),
    }
    source = {"package": package.name, "version": package.version, "license": package.license}
    artefacts = {path: _lines(path, source, held) for path, held in records.items()}
    return {**artefacts, MANIFEST: _manifest(source, artefacts)}


def write_artefacts(artefacts: dict[str, bytes], folder: Path) -> None:
    """Write every artefact below `folder`, the top level of the checkout."""
    for path, content in artefacts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _lines(path: str, source: JsonObject, records: list[JsonObject]) -> bytes:
    """Return the records, one a line, after a first line that names the content and its source."""
    header = {"content": Path(path).stem, "source": source, "records": len(records)}
    return b"".join(_line(record) for record in (header, *records))


def _line(record: JsonObject) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _manifest(source: JsonObject, artefacts: dict[str, bytes]) -> bytes:
    files = {path: hashlib.sha256(content).hexdigest() for path, content in sorted(artefacts.items())}
    return json.dumps({"format": _FORMAT, "source": source, "files": files}, indent=2).encode() + b"\n"
