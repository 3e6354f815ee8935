"""What stops a start ends in one clear sentence and leaves the data as it was."""

import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from fhir_server.storage.embedded.process import command_line, wait_until
from tests.plugins.process import Neonpro, free_port, run_neonpro

_PATIENT = {"resourceType": "Patient", "id": "ana", "active": True}


def _refusal(data: Path, **settings: str) -> str:
    """Return the one line with which a start is refused."""
    done = run_neonpro("serve", **{"DATA_DIR": str(data), "PORT": str(free_port()), **settings})
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr.removeprefix("neonpro: ").strip()


def test_a_second_server_on_one_data_directory_is_refused_and_the_first_goes_on(
    shared_neonpro: Neonpro,
) -> None:
    neonpro = shared_neonpro
    told = _refusal(neonpro.data)
    assert told == (
        f"Another server (process {neonpro.pid} on {socket.gethostname()}) uses the data directory {neonpro.data}."
    )
    assert httpx.get(f"{neonpro.origin}/readyz").status_code == 200


def test_a_port_in_use_is_refused_before_anything_is_made(new_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = _refusal(new_folder, PORT=str(port))
    assert told.startswith(f"Another program listens on 127.0.0.1, port {port};")
    assert not new_folder.exists()


def test_after_a_kill_the_same_port_and_data_serve_again(start_neonpro: Callable[..., Neonpro]) -> None:
    first = start_neonpro()
    for number in range(5):
        patient = {**_PATIENT, "id": f"p{number}"}
        assert httpx.put(f"{first.base_url}/Patient/p{number}", json=patient).status_code == 201
    first.kill()

    second = start_neonpro(PORT=str(first.port))
    for number in range(5):
        assert httpx.get(f"{second.base_url}/Patient/p{number}").status_code == 200


def test_after_a_kill_of_the_database_too_nothing_acknowledged_is_lost(
    start_neonpro: Callable[..., Neonpro],
) -> None:
    first = start_neonpro()
    assert httpx.put(f"{first.base_url}/Patient/ana", json=_PATIENT).status_code == 201
    pid_file = first.data / "postgresql" / "postmaster.pid"
    pid = int(pid_file.read_text().split("\n", 1)[0])
    subprocess.run(["kill", "-KILL", str(pid), str(first.pid)], check=True)
    first.process.wait()
    assert wait_until(lambda: not command_line(pid), 30)
    assert pid_file.exists()

    second = start_neonpro()
    assert httpx.get(f"{second.base_url}/Patient/ana").status_code == 200
    assert second.stop() == 0


def test_a_data_directory_of_a_newer_release_is_refused_and_left_alone(new_folder: Path) -> None:
    assert run_neonpro("migrate", DATA_DIR=str(new_folder)).returncode == 0
    record = new_folder / "neonpro.json"
    newer = json.dumps({"format": 2, "release": "9.0.0"})
    record.write_text(newer)
    told = _refusal(new_folder)
    assert told.startswith(f"The data directory {new_folder} was made by the newer release 9.0.0 (format 2);")
    assert record.read_text() == newer


def test_a_folder_with_other_files_is_no_data_directory(new_folder: Path) -> None:
    new_folder.mkdir(mode=0o755)
    (new_folder / "thesis.txt").write_text("Chapter 1")
    told = _refusal(new_folder)
    assert told == f"{new_folder} holds other files and is no data directory; choose an empty folder."


def test_a_data_directory_that_cannot_be_made_is_refused() -> None:
    told = _refusal(Path("/proc/neonpro"))
    assert told.startswith("/proc/neonpro cannot be used: ")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"WROKERS": "2"}, "NEONPRO_WROKERS is not a setting of this server; did you mean NEONPRO_WORKERS?"),
        (
            {"PORT": "http"},
            "NEONPRO_PORT has a value that cannot be used: "
            "input should be a valid integer, unable to parse string as an integer.",
        ),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_is_made(
    new_folder: Path, settings: dict[str, str], told: str
) -> None:
    assert _refusal(new_folder, **settings) == told
    assert not new_folder.exists()


def test_a_database_that_does_not_answer_is_refused_without_its_password(new_folder: Path) -> None:
    told = _refusal(
        new_folder,
        DATABASE_URL=f"postgresql://someone:hunter2@127.0.0.1:{free_port()}/fhir",
        REDIS_URL="redis://127.0.0.1:1/0",
        DIGEST_KEY="0f" * 32,
    )
    assert "hunter2" not in told
    assert "database" in told


@pytest.fixture
def small_disk(new_folder: Path) -> Iterator[Path]:
    """Yield a folder on a file system of 220 MB of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    new_folder.mkdir(mode=0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=220m,mode=0755", "tmpfs", str(new_folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted: {mounted.stderr.strip()}")
    yield new_folder
    subprocess.run(["umount", str(new_folder)], check=True)


def test_a_full_disk_is_told_at_the_first_start(small_disk: Path) -> None:
    _fill(small_disk, leave=20_000_000)
    data = small_disk / "data"
    assert _refusal(data) == f"The disk that holds {data} is full; free some space and start again."


def test_a_disk_without_any_room_is_told_too(small_disk: Path) -> None:
    _fill(small_disk, leave=0)
    data = small_disk / "data"
    assert _refusal(data) == f"The disk that holds {data} is full; free some space and start again."


def test_a_disk_that_became_full_is_told_and_the_data_is_there_when_it_has_room_again(
    small_disk: Path, start_neonpro: Callable[..., Neonpro]
) -> None:
    data = small_disk / "data"
    first = start_neonpro(DATA_DIR=str(data))
    assert httpx.put(f"{first.base_url}/Patient/ana", json=_PATIENT).status_code == 201
    assert first.stop() == 0

    filler = _fill(small_disk, leave=0)
    assert _refusal(data) == f"The disk that holds {data} is full; free some space and start again."

    filler.unlink()
    second = start_neonpro(DATA_DIR=str(data))
    assert httpx.get(f"{second.base_url}/Patient/ana").status_code == 200
    # It must be gone before the file system is.
    assert second.stop() == 0


def _fill(folder: Path, *, leave: int) -> Path:
    """Fill the file system of `folder` with one file, but for `leave` bytes, and return the file."""
    room = os.statvfs(folder)
    filler = folder / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - leave)
    return filler
