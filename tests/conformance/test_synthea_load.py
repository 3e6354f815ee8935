import os
import tarfile
from pathlib import Path

import pytest

from fhir_server.bulk.load import load
from fhir_server.bulk.report import LoadReport
from fhir_server.bulk.sources import file_sources
from fhir_server.bulk.target import server_target
from fhir_server.core.context import Context
from fhir_server.interactions.services import Services

FOLDER = os.environ.get("FHIR_CONFORMANCE_DIR")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="FHIR_CONFORMANCE_DIR does not name the folder of the Synthea bundles"
)


async def load_into(services: Services, folder: Path) -> LoadReport:
    return await load(file_sources([folder]), server_target(services, Context()), progress=lambda _: None)


async def test_all_synthea_bundles_load_and_load_again_without_a_change(services: Services, tmp_path: Path) -> None:
    with tarfile.open(Path(FOLDER or "") / "synthea.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    first = await load_into(services, tmp_path)
    # Those loaded last: the first ones tell another state of some organizations.
    again = await load_into(services, tmp_path / "self-contained")
    assert len(first.sources) == 52
    assert [(each.refused, each.unresolved) for each in first.sources] == [(0, 0)] * 52
    assert first.stored > 19_000
    assert all(not each.conditional for each in first.sources if "self-contained" in each.name)
    assert any(each.conditional for each in first.sources if "conditional-references" in each.name)
    assert again.stored == 0
    assert again.unchanged > 3_000
