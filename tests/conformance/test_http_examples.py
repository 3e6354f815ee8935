"""The official examples of R4, stored and read back over HTTP.

https://hl7.org/fhir/R4/downloads.html
"""

import asyncio
from collections.abc import Iterator
from typing import Any

from tests.conformance.material import needs_material, official_examples
from tests.conformance.same_values import values_of, without_what_the_server_sets
from tests.plugins.process import Neonpro
from tests.plugins.raw_http import Answer, RawClient, raw_client

pytestmark = needs_material

CLIENTS = 8
# They lack elements of cardinality 1..1; where an example and the text of R4 differ, the text wins.
REFUSED = {"ImplementationGuide-fhir.json", "ig-r4.json", "Questionnaire-qs1.json"}


async def _stored(client: RawClient, text: bytes, resource: dict[str, Any]) -> Answer:
    """Store an example under its id, or under a new one where it has none."""
    resource_type, resource_id = resource["resourceType"], resource.get("id")
    if resource_id is None:
        return await client.request("POST", f"/{resource_type}", text)
    return await client.request("PUT", f"/{resource_type}/{resource_id}", text)


async def _round_trips(server: Neonpro, examples: Iterator[tuple[str, bytes]], refused: set[str]) -> None:
    """Store and read examples until none is left; `refused` takes the names of those that are not accepted."""
    async with raw_client(server.base_url) as client:
        for name, text in examples:
            sent = values_of(text)
            answer = await _stored(client, text, sent)
            if answer.status not in (200, 201):
                assert answer.resource["resourceType"] == "OperationOutcome"
                refused.add(name)
                continue
            found = values_of(answer.body)
            version = f"{found['resourceType']}/{found['id']}/_history/{found['meta']['versionId']}"
            read = await client.request("GET", f"/{version}")
            assert read.status == 200, name
            assert without_what_the_server_sets(values_of(read.body)) == without_what_the_server_sets(sent), name
            assert found["id"] == sent.get("id", found["id"]), name


async def _store_all(server: Neonpro, examples: Iterator[tuple[str, bytes]]) -> set[str]:
    refused: set[str] = set()
    async with asyncio.TaskGroup() as clients:
        for _ in range(CLIENTS):
            clients.create_task(_round_trips(server, examples, refused))
    return refused


def test_every_official_example_is_accepted_and_read_back_equal(server: Neonpro) -> None:
    examples = list(official_examples())
    assert len(examples) == 716
    assert asyncio.run(_store_all(server, iter(examples))) == REFUSED
