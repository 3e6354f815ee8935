"""The wheel serves from an empty folder."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.plugins.process import Neonpro, environment, free_port

_CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of the checkout, without a network, and return it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(_CHECKOUT)],
        capture_output=True,
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_all_data(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("migrations", "profiles", "terminology"):
        files = {
            f"fhir_server/_data/{path.relative_to(_CHECKOUT).as_posix()}"
            for path in (_CHECKOUT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
        }
        assert files <= carried
        assert files


def test_an_installed_wheel_serves_from_an_empty_folder(wheel: Path, tmp_path: Path, new_folder: Path) -> None:
    python = _install(wheel, tmp_path / "venv")
    empty = tmp_path / "empty"
    empty.mkdir()
    port = free_port()
    settings = environment({"DATA_DIR": str(new_folder), "PORT": str(port)})
    # Its dependencies come from the present environment, whose own copy of the server is out of this path's reach.
    settings["PYTHONPATH"] = sysconfig.get_path("purelib")
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [python.with_name("neonpro"), "serve"], cwd=empty, env=settings, stdout=output, stderr=output
        )
    server = Neonpro(new_folder, port, log, process)
    try:
        server.wait_until_ready()
        made = httpx.put(f"{server.base_url}/Patient/a", json={"resourceType": "Patient", "id": "a"})
        assert made.status_code == 201
    finally:
        assert server.stop() == 0
    where = subprocess.run(
        [python, "-c", "import fhir_server; print(fhir_server.__file__)"],
        cwd=empty,
        env=settings,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(tmp_path / "venv")
    assert list(empty.iterdir()) == []


def _install(wheel: Path, venv: Path) -> Path:
    """Install `wheel` alone into a new environment and return that one's Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    return python
