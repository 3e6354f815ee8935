"""`neonpro serve` from the first start to the last request."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from fhir_server.storage.embedded.postgresql import running_postgresql
from fhir_server.storage.embedded.process import command_line, wait_until
from tests.plugins.process import Neonpro, run_neonpro

_PATIENT = {"resourceType": "Patient", "id": "ana", "name": [{"family": "Souza", "given": ["Ana"]}]}


def test_the_first_words_hold_three_lines_that_work_when_pasted(shared_neonpro: Neonpro) -> None:
    neonpro = shared_neonpro
    assert wait_until(lambda: "_history" in neonpro.log.read_text(), 30)
    said = neonpro.log.read_text()
    assert f"FHIR R4 at {neonpro.base_url}" in said
    assert f"Data in {neonpro.data}" in said
    lines = [line for line in said.splitlines() if line.startswith("  curl ")]
    assert len(lines) == 3
    pasted = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert pasted.stdout.count("https://saude.gov.br/fhir/sid/cpf") == 3
    assert "OperationOutcome" not in pasted.stdout
    assert '"type": "history"' in pasted.stdout
    assert pasted.stderr == ""


def test_the_lines_work_too_where_clients_may_not_choose_ids(start_neonpro: Callable[..., Neonpro]) -> None:
    server = start_neonpro(UPDATE_CREATE="false", LOG_FORMAT="console")
    assert wait_until(lambda: "_history" in server.log.read_text(), 30)
    lines = [line.strip() for line in server.log.read_text().splitlines() if "curl " in line]
    pasted = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert pasted.stdout.startswith(f"{server.base_url}/Patient/")
    assert pasted.stdout.count("https://saude.gov.br/fhir/sid/cpf") == 2
    assert "OperationOutcome" not in pasted.stdout


def test_a_stop_is_clean_and_a_later_start_finds_the_data(
    start_neonpro: Callable[..., Neonpro], new_folder: Path
) -> None:
    first = start_neonpro()
    assert httpx.put(f"{first.base_url}/Patient/ana", json=_PATIENT).status_code == 201
    assert first.stop() == 0
    assert running_postgresql(new_folder) is None
    assert not (new_folder / "postgresql" / "postmaster.pid").exists()
    assert "database system is shut down" in (new_folder / "log" / "postgresql.log").read_text()

    second = start_neonpro()
    assert httpx.get(f"{second.base_url}/Patient/ana").json()["meta"]["versionId"] == "1"
    assert "Souza" not in second.log.read_text() + (new_folder / "log" / "postgresql.log").read_text()


def test_a_request_in_flight_is_finished_before_the_servers_stop(neonpro: Neonpro) -> None:
    address = running_postgresql(neonpro.data)
    assert address is not None
    answers: list[httpx.Response] = []
    request = threading.Thread(
        target=lambda: answers.append(httpx.put(f"{neonpro.base_url}/Patient/ana", json=_PATIENT, timeout=60))
    )
    with psycopg.connect(address.superuser_url("neonpro")) as holder:
        holder.execute("LOCK TABLE fhir.resource")
        request.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        assert wait_until(lambda: holder.execute(waiting).fetchone() == (1,), 30)
        neonpro.process.terminate()
        assert wait_until(lambda: not _listens(neonpro), 30)
        holder.rollback()
    request.join()
    assert answers[0].status_code == 201
    assert neonpro.process.wait(60) == 0


def test_several_workers_answer_on_one_port_until_the_terminal_is_closed(start_neonpro: Callable[..., Neonpro]) -> None:
    server = start_neonpro(WORKERS="2")
    assert httpx.put(f"{server.base_url}/Patient/ana", json=_PATIENT).status_code == 201
    for _ in range(10):
        assert httpx.get(f"{server.base_url}/Patient/ana").status_code == 200
    assert httpx.get(f"{server.origin}/metrics").status_code == 200

    # As a terminal does to all processes of its foreground when it is closed.
    for pid in [server.pid, *_children(server.pid)]:
        os.kill(pid, signal.SIGHUP)
    assert server.process.wait(60) == 0


def test_the_database_shell_enters_the_database_of_a_running_server(shared_neonpro: Neonpro) -> None:
    command = "SELECT current_user || ' in ' || current_database()"
    done = run_neonpro("db", "shell", "-c", command, DATA_DIR=str(shared_neonpro.data))
    assert "neonpro_app in neonpro" in done.stdout


def test_migrate_makes_the_schema_which_the_database_shell_shows_without_a_server(new_folder: Path) -> None:
    for _ in range(2):
        done = run_neonpro("migrate", DATA_DIR=str(new_folder))
        assert (done.returncode, done.stderr) == (0, "")
    shown = run_neonpro("db", "shell", "-c", "SELECT to_regclass('fhir.version') AS found", DATA_DIR=str(new_folder))
    assert "fhir.version" in shown.stdout


def test_version_names_the_release_and_fhir() -> None:
    assert "FHIR R4, 4.0.1" in run_neonpro("version").stdout


@pytest.mark.parametrize("arguments", [("serve", "--nonsense"), ("nonsense",)])
def test_wrong_usage_is_told_with_exit_code_two(arguments: tuple[str, ...]) -> None:
    done = run_neonpro(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_embedded_server_that_ends_by_itself_stops_the_server(neonpro: Neonpro) -> None:
    pid = int((neonpro.data / "postgresql" / "postmaster.pid").read_text().split("\n", 1)[0])
    assert "postgres" in command_line(pid)[0]
    subprocess.run(["kill", "-QUIT", str(pid)], check=True)
    assert neonpro.process.wait(60) == 1
    assert "neonpro: PostgreSQL ended unexpectedly, so the server stopped." in neonpro.log.read_text()


def _children(pid: int) -> list[int]:
    own_group = psutil.Process(pid).children(recursive=True)
    return [child.pid for child in own_group if os.getpgid(child.pid) == os.getpgid(pid)]


def _listens(server: Neonpro) -> bool:
    try:
        httpx.get(f"{server.origin}/livez", timeout=5)
    except httpx.TransportError:
        return False
    return True
