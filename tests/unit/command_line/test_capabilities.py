import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fhir_server.command_line.capabilities import capabilities


@pytest.fixture
def app() -> typer.Typer:
    found = typer.Typer()
    found.command()(capabilities)
    return found


def test_the_statement_is_printed_with_the_settings_of_the_environment(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, env={"NEONPRO_VERSIONED_UPDATE": "Patient"})
    assert done.exit_code == 0
    resources = json.loads(done.stdout)["rest"][0]["resource"]
    assert {each["type"]: each["versioning"] for each in resources}["Patient"] == "versioned-update"


def test_the_statement_is_written_to_a_file(app: typer.Typer, tmp_path: Path) -> None:
    target = tmp_path / "statement.json"
    done = CliRunner().invoke(app, ["--output", str(target)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert target.read_text(encoding="utf-8").endswith("}\n")
    assert json.loads(target.read_text(encoding="utf-8"))["resourceType"] == "CapabilityStatement"
