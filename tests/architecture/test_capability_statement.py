from pathlib import Path

from fhir_server.command_line.capabilities import capability_text
from fhir_server.core.settings import load_settings
from fhir_server.definitions import load_definitions

COMMITTED = Path(__file__).parents[2] / "capability_statement.json"


def test_the_committed_capability_statement_is_what_the_server_says() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == capability_text(load_definitions(), load_settings({})), (
        "Write it anew: neonpro capabilities --output capability_statement.json"
    )
