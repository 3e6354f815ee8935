"""What `neonpro serve` says when it is ready."""

import json

from fhir_server.command_line.listening import http_origin
from fhir_server.command_line.servers import Servers
from fhir_server.core.settings import Settings

_MEDIA_TYPE = "application/fhir+json"
_EXAMPLE = {
    "resourceType": "Patient",
    "identifier": [
        {"use": "official", "system": "https://saude.gov.br/fhir/sid/cpf", "value": "38502167480"},
        {"use": "official", "system": "https://saude.gov.br/fhir/sid/cns", "value": "704805123456708"},
    ],
    "name": [{"use": "official", "family": "da Silva", "given": ["Maria", "Aparecida"]}],
    "gender": "female",
    "birthDate": "1987-05-21",
}


def greeting(settings: Settings, servers: Servers) -> str:
    """Return where the server answers, where its data lies, and three lines to paste into a shell."""
    base = f"{http_origin(settings.server.host, settings.server.port)}/fhir"
    data = settings.storage.data_dir if servers.postgresql else "the PostgreSQL of NEONPRO_DATABASE_URL"
    lines = [f"FHIR R4 at {base}", f"Data in {data}", "", "Create a patient, read it, see its history:", ""]
    lines += [f"  {line}" for line in conversation(base, client_ids=settings.fhir.update_create)]
    return "\n".join([*lines, ""])


def conversation(base: str, *, client_ids: bool) -> tuple[str, str, str]:
    """Return three `curl` lines, to be run in order: create a patient, read it, see its history.

    Where clients may not choose ids, the first keeps the place of the patient in a shell variable.
    """
    if client_ids:
        place = f"{base}/Patient/maria"
        body = json.dumps({"resourceType": "Patient", "id": "maria", **_EXAMPLE}, ensure_ascii=False)
        create = f"curl -sS -w '\\n' -X PUT '{place}?_pretty=true' -H 'Content-Type: {_MEDIA_TYPE}' -d '{body}'"
        read, history = f"'{place}?_pretty=true'", f"'{place}/_history?_pretty=true'"
    else:
        body = json.dumps(_EXAMPLE, ensure_ascii=False)
        post = f"curl -sS -D - -o /dev/null '{base}/Patient' -H 'Content-Type: {_MEDIA_TYPE}' -d '{body}'"
        place = f"""$({post} | tr -d '\\r' | sed -n 's#^[Ll]ocation: ##p' | sed 's#/_history/.*##')"""
        create = f'PATIENT="{place}"; echo "$PATIENT"'
        read, history = '"$PATIENT?_pretty=true"', '"$PATIENT/_history?_pretty=true"'
    return create, f"curl -sS -w '\\n' {read}", f"curl -sS -w '\\n' {history}"
