import gzip
import json
from pathlib import Path

import httpx

from fhir_server.demo.demo_clinic import demo_clinic
from tests.plugins.process import Neonpro, run_neonpro
from tests.plugins.servers import Database

PATIENTS = "3"


def counted(text: str) -> str:
    return text.rstrip().splitlines()[-1]


def test_the_demo_clinic_goes_into_a_new_data_directory_once(new_folder: Path) -> None:
    resources = list(demo_clinic(4, patients=int(PATIENTS)))
    arguments = ("load", "--demo", "--seed", "4", "--patients", PATIENTS)
    first = run_neonpro(*arguments, DATA_DIR=str(new_folder))
    again = run_neonpro(*arguments, DATA_DIR=str(new_folder))
    assert first.returncode == again.returncode == 0, first.stderr + again.stderr
    count = f"{len(resources):,}"
    assert counted(first.stdout) == f"1 source: {count} stored, 0 unchanged, 0 refused."
    assert counted(again.stdout) == f"1 source: 0 stored, {count} unchanged, 0 refused."


def test_what_is_loaded_beside_a_running_server_is_served(shared_neonpro: Neonpro, tmp_path: Path) -> None:
    path = tmp_path / "patient.ndjson.gz"
    path.write_bytes(gzip.compress(b'{"resourceType":"Patient","id":"loaded-beside","active":true}\n'))
    done = run_neonpro("load", str(path), DATA_DIR=str(shared_neonpro.data))
    assert done.returncode == 0, done.stderr
    found = httpx.get(f"{shared_neonpro.base_url}/Patient/loaded-beside", timeout=30)
    assert found.status_code == httpx.codes.OK
    assert found.json()["active"] is True


def test_loading_and_serving_recognise_the_same_content_as_unchanged(shared_neonpro: Neonpro, tmp_path: Path) -> None:
    patient = {"resourceType": "Patient", "id": "loaded-same", "active": True}
    created = httpx.put(f"{shared_neonpro.base_url}/Patient/loaded-same", json=patient, timeout=30)
    assert created.status_code == httpx.codes.CREATED
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(patient, indent=2))
    done = run_neonpro("load", str(path), DATA_DIR=str(shared_neonpro.data))
    assert counted(done.stdout) == "1 source: 0 stored, 1 unchanged, 0 refused."


def test_a_refused_resource_is_told_with_file_line_and_place_and_the_exit_code_says_so(
    shared_neonpro: Neonpro, tmp_path: Path
) -> None:
    path = tmp_path / "patients.ndjson"
    path.write_text('{"resourceType":"Patient","id":"loaded-good"}\n{"resourceType":"Patient","gender":["Secret"]}\n')
    done = run_neonpro("load", str(tmp_path), DATA_DIR=str(shared_neonpro.data))
    assert done.returncode == 1
    assert f"{path}: 1 stored, 0 unchanged, 1 refused" in done.stdout
    assert "  line 2: Patient.gender: " in done.stdout
    assert "Secret" not in done.stdout + done.stderr
    assert httpx.get(f"{shared_neonpro.base_url}/Patient/loaded-good", timeout=30).status_code == httpx.codes.OK


def test_a_database_elsewhere_needs_its_schema_first(empty_database: Database, tmp_path: Path) -> None:
    path = tmp_path / "patient.json"
    path.write_text('{"resourceType":"Patient","id":"a"}')
    done = run_neonpro("load", str(path), DATABASE_URL=empty_database.app_url, DIGEST_KEY="5e" * 32)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("run `neonpro migrate` first.")
    assert "Traceback" not in done.stderr


def test_a_path_that_does_not_exist_ends_in_one_sentence(tmp_path: Path) -> None:
    done = run_neonpro("load", str(tmp_path / "missing.json"), DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 1
    assert done.stderr.strip() == f"neonpro: {tmp_path / 'missing.json'} does not exist."
    assert not (tmp_path / "data").exists()


def test_nothing_to_load_is_a_usage_error(tmp_path: Path) -> None:
    done = run_neonpro("load", DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 2
    assert "--demo" in done.stderr
