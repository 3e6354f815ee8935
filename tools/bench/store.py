"""Fill the store through the server's own interface, so that it holds exactly what the server writes."""

import http.client
from pathlib import Path

from fhir_server.definitions import load_definitions
from tools.bench.drive import Job, drive
from tools.bench.material import read_resources, write_resources
from tools.bench.server import BenchError, ServerUnderTest

_LOADERS = 32
_AGED = 1_000
_VERSIONS = 5


def fill(server: ServerUnderTest, material: Path, resources: int) -> float:
    """Create the resources, give some of them five versions on average, and return the rate of creates.

    Writes the lists `resources` and `aged`. Raises BenchError where an answer is not as it should be.
    """
    made = drive(
        server,
        material,
        Job("create", count=resources, created=str(material / "resources.json")),
        connections=_LOADERS,
    )
    _refuse_errors(made.errors)
    created = read_resources(material, "resources")
    write_resources(material, "resources", created)
    aged = created[:: max(1, len(created) // _AGED)]
    write_resources(material, "aged", aged)
    updates = Job("update", resources="aged.json", count=len(aged) * (_VERSIONS - 1))
    _refuse_errors(drive(server, material, updates, connections=_LOADERS).errors)
    with server.connect() as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    return made.rate


def use_all_types(server: ServerUnderTest) -> None:
    """Send a resource of each type, so that the worker has generated all that it ever will for a type."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for name in load_definitions().resource_types:
        body = f'{{"resourceType":"{name}","id":"bench"}}'
        headers = {"Content-Type": "application/fhir+json"}
        connection.request("POST", f"/fhir/{name}", body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        # A type with required elements refuses this body, and Parameters has no endpoint.
        if answer.status not in (201, 400, 404, 405, 422):
            raise BenchError(f"creating a {name} answered {answer.status}")
    connection.close()


def _refuse_errors(errors: object) -> None:
    if errors:
        raise BenchError(f"filling the store failed: {errors}")
