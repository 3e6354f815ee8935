"""What the server says when it is ready."""

import json
import re

import pytest

from fhir_server.brazil import cns, cpf
from fhir_server.command_line.greeting import conversation, greeting
from fhir_server.command_line.servers import Servers
from fhir_server.core.settings import load_settings

_BASE = "http://127.0.0.1:8000/fhir"


@pytest.mark.parametrize("client_ids", [True, False])
def test_the_example_is_a_patient_with_valid_brazilian_identifiers(client_ids: bool) -> None:
    create, _, _ = conversation(_BASE, client_ids=client_ids)
    found = re.search(r"-d '(\{.*?\})'", create)
    assert found is not None
    patient = json.loads(found[1])
    values = {each["system"].rsplit("/", 1)[1]: each["value"] for each in patient["identifier"]}
    assert cpf.is_valid(values["cpf"])
    assert cns.is_valid(values["cns"])
    assert patient.get("id") == ("maria" if client_ids else None)


def test_the_greeting_names_the_base_url_and_where_the_data_lies() -> None:
    servers = Servers("postgresql://u@h/d", "postgresql://u@h/d", "redis://h", "0f" * 32)
    told = greeting(load_settings({"NEONPRO_HOST": "::1", "NEONPRO_PORT": "9000"}), servers)
    assert "FHIR R4 at http://[::1]:9000/fhir" in told
    assert "Data in the PostgreSQL of NEONPRO_DATABASE_URL" in told
    assert "postgresql://" not in told
