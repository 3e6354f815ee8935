"""What the load is made of: a folder with bodies, and the lists of resources that the store holds.

Each list is there twice: as JSON for this package's load generator, with tabs for wrk's.
"""

import json
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from tools.bench.templates import TEMPLATES, Json, body_of, synthetic_bodies

_EACH = 40


def write_bodies(folder: Path, *, conformance: Path | None) -> float:
    """Write the bodies for the load generators and return their average size in bytes.

    They are Synthea's where the folder with conformance material is given, otherwise synthetic.
    """
    bodies = synthetic_bodies(each=_EACH) if conformance is None else _synthea_bodies(conformance)
    by_type: defaultdict[str, list[str]] = defaultdict(list)
    for name, body in bodies:
        by_type[name].append(body.decode())
    (folder / "bodies.json").write_text(json.dumps(by_type), encoding="utf-8")
    _write_rows(folder / "bodies.tsv", [(name, body.decode()) for name, body in bodies])
    return sum(len(body) for _, body in bodies) / len(bodies)


def write_resources(folder: Path, name: str, resources: Sequence[tuple[str, str]]) -> None:
    """Write a list of (type, id) under a name that jobs give as `NAME.json`."""
    (folder / f"{name}.json").write_text(json.dumps(resources), encoding="utf-8")
    _write_rows(folder / f"{name}.tsv", resources)


def read_resources(folder: Path, name: str) -> list[tuple[str, str]]:
    """Return the list of (type, id) that `write_resources` or a load generator wrote as `NAME.json`."""
    pairs = json.loads((folder / f"{name}.json").read_bytes())
    return [(resource_type, resource_id) for resource_type, resource_id in pairs]


def synthea_resources(conformance: Path) -> Iterator[Json]:
    """Yield the resources of the Synthea Bundles in the conformance material."""
    with tarfile.open(conformance / "synthea.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None and member.name.endswith(".json"):
                for entry in json.load(file).get("entry", []):
                    yield entry["resource"]


def _write_rows(path: Path, rows: Sequence[tuple[str, str]]) -> None:
    path.write_text("".join(f"{first}\t{second}\n" for first, second in rows), encoding="utf-8")


def _synthea_bodies(conformance: Path) -> Sequence[tuple[str, bytes]]:
    found: Mapping[str, list[Json]] = {name: [] for name in TEMPLATES}
    for resource in synthea_resources(conformance):
        if resource["resourceType"] in found:
            found[resource["resourceType"]].append(resource)
    random = Random(1)
    return [
        (name, body_of(resource))
        for name, resources in found.items()
        for resource in random.sample(resources, k=min(_EACH, len(resources)))
    ]
