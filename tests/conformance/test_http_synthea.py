"""Synthea's patients, loaded by `neonpro load` into a running server and read back over HTTP."""

import asyncio
import tarfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from tests.conformance.material import FOLDER, needs_material
from tests.conformance.same_values import values_of, without_what_the_server_sets
from tests.plugins.process import Neonpro, run_neonpro
from tests.plugins.raw_http import raw_client

pytestmark = needs_material

Histories: TypeAlias = dict[tuple[str, str], list[Any]]
LINKS = ("reference", "url", "valueUrl", "valueUri")


def _with_links(value: Any, targets: dict[str, str], name: str = "") -> Any:
    """Return a value whose links to entries of the Bundle are `Type/id`."""
    if isinstance(value, dict):
        return {each: _with_links(inner, targets, each) for each, inner in value.items()}
    if isinstance(value, list):
        return [_with_links(inner, targets) for inner in value]
    return targets.get(value, value) if name in LINKS else value


def _expected(bundles: Iterable[bytes]) -> Histories:
    """Return the contents of each resource in their order, without repetitions."""
    found: Histories = defaultdict(list)
    for text in bundles:
        entries = values_of(text)["entry"]
        targets = {
            entry["fullUrl"]: f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in entries
        }
        for entry in entries:
            resource = entry["resource"]
            content = without_what_the_server_sets(_with_links(resource, targets))
            versions = found[resource["resourceType"], resource["id"]]
            if not versions or versions[-1] != content:
                versions.append(content)
    return found


async def _served(server: Neonpro) -> Histories:
    """Return the contents of all versions of each resource, the oldest first, from the history of the system."""
    found: Histories = defaultdict(list)
    async with raw_client(server.base_url) as client:
        path: str | None = "/_history?_count=1000"
        while path is not None:
            page = values_of((await client.request("GET", path)).body)
            for entry in page.get("entry", []):
                resource = entry["resource"]
                content = without_what_the_server_sets(resource)
                found[resource["resourceType"], resource["id"]].insert(0, content)
            urls = [link["url"] for link in page["link"] if link["relation"] == "next"]
            path = f"/_history?{urlsplit(urls[0]).query}" if urls else None
    return found


def test_every_entry_of_the_synthea_bundles_loads_and_is_read_back_equal(server: Neonpro, tmp_path: Path) -> None:
    with tarfile.open(Path(FOLDER or "") / "synthea.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    paths = sorted(tmp_path.rglob("*.json"))
    loaded = run_neonpro("load", *map(str, paths), DATA_DIR=str(server.data))
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    expected, served = _expected(path.read_bytes() for path in paths), asyncio.run(_served(server))
    assert len(expected) > 19_000
    assert not [key for key, versions in expected.items() if served.get(key) != versions]
