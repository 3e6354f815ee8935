"""Optimistic locking when many clients change one resource at once, on two worker processes.

https://hl7.org/fhir/R4/http.html#concurrency
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from tests.plugins.fhir_client import some_id
from tests.plugins.process import Neonpro
from tests.plugins.raw_http import Answer, RawClient, raw_client

CLIENTS = 32
ROUNDS = 20


def _counter(resource_id: str, value: int, writer: int = 0) -> bytes:
    return json.dumps(
        {
            "resourceType": "Basic",
            "id": resource_id,
            "code": {"text": f"client {writer}"},
            "extension": [{"url": "https://example.org/counter", "valueInteger": value}],
        }
    ).encode()


def _value(answer: Answer) -> int:
    return int(answer.resource["extension"][0]["valueInteger"])


@asynccontextmanager
async def _clients(server: Neonpro) -> AsyncIterator[list[RawClient]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(raw_client(server.base_url)) for _ in range(CLIENTS)]


async def _race_for_every_version(server: Neonpro) -> None:
    resource_id = some_id()
    winners: dict[int, int] = {}
    async with _clients(server) as clients:
        await clients[0].request("PUT", f"/Basic/{resource_id}", _counter(resource_id, 0))
        for version in range(1, ROUNDS + 1):
            answers = await asyncio.gather(
                *(
                    client.request(
                        "PUT",
                        f"/Basic/{resource_id}",
                        _counter(resource_id, version, number),
                        if_match=f'W/"{version}"',
                    )
                    for number, client in enumerate(clients)
                )
            )
            (winner,) = [number for number, answer in enumerate(answers) if answer.status == 200]
            assert [answer.status for answer in answers].count(412) == CLIENTS - 1
            assert answers[winner].headers["etag"] == f'W/"{version + 1}"'
            winners[version + 1] = winner
        for version, winner in winners.items():
            answer = await clients[0].request("GET", f"/Basic/{resource_id}/_history/{version}")
            assert answer.resource["code"]["text"] == f"client {winner}"
        present = await clients[0].request("GET", f"/Basic/{resource_id}")
        assert present.headers["etag"] == f'W/"{ROUNDS + 1}"'


async def _count_one(client: RawClient, resource_id: str) -> int:
    """Add one to the counter, again and again until nobody else was faster; return how often somebody was."""
    lost = 0
    while True:
        before = await client.request("GET", f"/Basic/{resource_id}")
        body = _counter(resource_id, _value(before) + 1)
        answer = await client.request("PUT", f"/Basic/{resource_id}", body, if_match=before.headers["etag"])
        if answer.status == 200:
            return lost
        assert answer.status == 412, answer.body
        lost += 1


async def _count_together(server: Neonpro) -> None:
    resource_id = some_id()
    async with _clients(server) as clients:
        await clients[0].request("PUT", f"/Basic/{resource_id}", _counter(resource_id, 0))
        await asyncio.gather(*(_count_one(client, resource_id) for client in clients))
        present = await clients[0].request("GET", f"/Basic/{resource_id}")
        assert _value(present) == CLIENTS
        assert present.headers["etag"] == f'W/"{CLIENTS + 1}"'


def test_of_many_updates_of_one_version_exactly_one_wins_and_the_others_are_told(
    start_neonpro: Callable[..., Neonpro],
) -> None:
    server = start_neonpro(WORKERS="2")
    asyncio.run(_race_for_every_version(server))
    asyncio.run(_count_together(server))
