"""What the load is made of: a folder with bodies, and the lists of resources that the store holds."""

import json
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from tools.bench.templates import TEMPLATES, Json, body_of, synthetic_bodies

_EACH = 40


def write_bodies(folder: Path, *, conformance: Path | None) -> float:
    """Write `bodies.json` for the load generator and return the bodies' average size in bytes.

    The bodies are Synthea's where the folder with conformance material is given, otherwise synthetic.
    """
    bodies = synthetic_bodies(each=_EACH) if conformance is None else _synthea_bodies(conformance)
    by_type: defaultdict[str, list[str]] = defaultdict(list)
    for name, body in bodies:
        by_type[name].append(body.decode())
    (folder / "bodies.json").write_text(json.dumps(by_type), encoding="utf-8")
    return sum(len(body) for _, body in bodies) / len(bodies)


def synthea_resources(conformance: Path) -> Iterator[Json]:
    """Yield the resources of the Synthea Bundles in the conformance material."""
    with tarfile.open(conformance / "synthea.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None and member.name.endswith(".json"):
                for entry in json.load(file).get("entry", []):
                    yield entry["resource"]


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
