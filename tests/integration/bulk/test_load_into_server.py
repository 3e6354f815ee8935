import json
from pathlib import Path
from typing import Any

import pytest

from fhir_server.bulk.load import LoadOptions, load
from fhir_server.bulk.report import LoadReport
from fhir_server.bulk.sources import file_sources
from fhir_server.bulk.target import server_target
from fhir_server.core.context import Context
from fhir_server.core.errors import NotFound
from fhir_server.core.json import dump
from fhir_server.demo.demo_clinic import demo_clinic
from fhir_server.interactions.read import read
from fhir_server.interactions.services import Services

CONTEXT = Context()


async def load_folder(services: Services, folder: Path, *, batch_size: int = 200) -> LoadReport:
    return await load(
        file_sources([folder]),
        server_target(services, CONTEXT),
        progress=lambda _: None,
        options=LoadOptions(batch_size=batch_size),
    )


async def body_of(services: Services, resource_type: str, logical_id: str) -> bytes:
    found = await read(services, CONTEXT, resource_type, logical_id)
    assert found.body is not None
    return found.body


def write_lines(path: Path, *resources: dict[str, Any]) -> None:
    path.write_bytes(b"\n".join(map(dump, resources)))


async def test_numbers_are_stored_as_they_were_written(services: Services, tmp_path: Path) -> None:
    text = (
        b'{ "resourceType" : "Observation", "id":"o1", "status":"final", "code":{"text":"x"},\n'
        b'  "valueQuantity" : {"value":1.50, "unit":"mg"}, "component":[{"code":{"text":"y"},'
        b'"valueQuantity":{"value":0.00000000000000000100}}] }'
    )
    (tmp_path / "one.json").write_bytes(text)
    report = await load_folder(services, tmp_path)
    assert report.stored == 1
    body = await body_of(services, "Observation", "o1")
    assert b'"value":1.50,' in body
    assert b'"value":0.00000000000000000100}' in body


async def test_loading_again_changes_nothing_where_resources_carry_ids(services: Services, tmp_path: Path) -> None:
    write_lines(tmp_path / "clinic.ndjson", *demo_clinic(1, patients=3))
    first = await load_folder(services, tmp_path)
    again = await load_folder(services, tmp_path)
    assert first.complete
    assert first.stored > 300
    assert (again.stored, again.unchanged, again.refused) == (0, first.stored, 0)


async def test_the_clinic_reads_back_as_it_was_made(services: Services, tmp_path: Path) -> None:
    made = list(demo_clinic(2, patients=2))
    write_lines(tmp_path / "clinic.ndjson", *made)
    await load_folder(services, tmp_path)
    for resource in made:
        body = await body_of(services, resource["resourceType"], resource["id"])
        content = {name: value for name, value in resource.items() if name not in ("resourceType", "id", "meta")}
        assert body == dump(content)


async def test_a_changed_resource_gets_its_next_version(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "one.ndjson"
    write_lines(path, {"resourceType": "Patient", "id": "p1", "active": True})
    await load_folder(services, tmp_path)
    write_lines(path, {"resourceType": "Patient", "id": "p1", "active": False})
    assert (await load_folder(services, tmp_path)).stored == 1
    assert (await read(services, CONTEXT, "Patient", "p1")).version == 2


async def test_of_versions_in_one_file_the_last_one_stays(services: Services, tmp_path: Path) -> None:
    versions = [{"resourceType": "Basic", "id": "b1", "code": {"text": str(number)}} for number in range(9)]
    write_lines(tmp_path / "versions.ndjson", *versions)
    report = await load_folder(services, tmp_path, batch_size=2)
    assert report.stored == 9
    found = await read(services, CONTEXT, "Basic", "b1")
    assert (found.version, found.body) == (9, b'{"code":{"text":"8"}}')


async def test_resources_without_id_are_created_anew_each_time(services: Services, tmp_path: Path) -> None:
    write_lines(tmp_path / "one.ndjson", {"resourceType": "Patient", "active": True})
    assert [(await load_folder(services, tmp_path)).stored for _ in range(2)] == [1, 1]


async def test_a_transaction_is_stored_with_its_references_resolved(services: Services, tmp_path: Path) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": "urn:uuid:9a3f2f4e-1f59-4d2c-8a1e-5f4b1b7a2c11",
                "resource": {"resourceType": "Patient", "active": True},
                "request": {"method": "POST", "url": "Patient"},
            },
            {
                "fullUrl": "urn:uuid:9a3f2f4e-1f59-4d2c-8a1e-5f4b1b7a2c12",
                "resource": {
                    "resourceType": "Basic",
                    "id": "b1",
                    "code": {"text": "x"},
                    "subject": {"reference": "urn:uuid:9a3f2f4e-1f59-4d2c-8a1e-5f4b1b7a2c11"},
                    "author": {"reference": "Practitioner?identifier=1"},
                },
                "request": {"method": "POST", "url": "Basic"},
            },
        ],
    }
    (tmp_path / "bundle.json").write_bytes(dump(bundle))
    report = await load_folder(services, tmp_path)
    assert (report.stored, report.sources[0].unresolved, report.sources[0].conditional) == (2, 0, 1)
    basic = json.loads(await body_of(services, "Basic", "b1"))
    resource_type, _, logical_id = basic["subject"]["reference"].partition("/")
    assert basic["author"]["reference"] == "Practitioner?identifier=1"
    assert (await body_of(services, resource_type, logical_id)) == b'{"active":true}'


async def test_what_is_invalid_or_never_stored_is_refused_and_the_rest_goes_in(
    services: Services, tmp_path: Path
) -> None:
    lines = [
        b'{"resourceType":"Patient","id":"good"}',
        b'{"resourceType":"Patient","id":"bad","nickname":"x"}',
        b'{"resourceType":"Parameters","id":"p"}',
        b'{"resourceType":"Pacient"}',
        b"not json",
        b'{"resourceType":"Patient","active":true,"active":false}',
    ]
    (tmp_path / "mixed.ndjson").write_bytes(b"\n".join(lines))
    report = await load_folder(services, tmp_path)
    assert (report.stored, report.refused) == (1, 5)
    assert [refusal.locator for refusal in report.sources[0].reasons] == [f"line {n}" for n in range(2, 7)]
    assert all(refusal.issues[0].diagnostics for refusal in report.sources[0].reasons)
    assert (await read(services, CONTEXT, "Patient", "good")).version == 1
    with pytest.raises(NotFound):
        await read(services, CONTEXT, "Patient", "bad")
