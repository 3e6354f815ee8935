"""Clients that write to a server at the same time and remember what it acknowledged."""

import asyncio
import itertools
import json
import random
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.plugins.raw_http import Answer, Disconnected, RawClient, raw_client

CLIENTS = 24
_UNAVAILABLE = 503


@dataclass(slots=True)
class Ledger:
    """What was sent and what the server acknowledged.

    `acknowledged` holds (id, version) and the text that the version was given; `sent` holds every text that may
    have become a version of a resource.
    """

    acknowledged: dict[tuple[str, int], str] = field(default_factory=dict)
    sent: dict[str, set[str]] = field(default_factory=dict)

    def latest(self) -> dict[str, int]:
        """Return the highest version of each resource that was acknowledged."""
        found: dict[str, int] = {}
        for resource_id, version in self.acknowledged:
            found[resource_id] = max(version, found.get(resource_id, 0))
        return found


@dataclass(slots=True)
class Writing:
    """Creates and updates of observations by many clients at once, in an order that chance decides.

    Updates go to the resources that `ledger` knew at the beginning. `after_each` is called after every
    acknowledgement with its number. A client ends when it can no longer reach the server, or the server its
    database; an answer that it did not get counts for nothing.
    """

    base_url: str
    ledger: Ledger
    after_each: Callable[[int], Awaitable[None]] | None = None
    _number: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def run(self, *, creates: int, updates: int) -> int:
        """Send all of them and return how many were acknowledged."""
        known = sorted(self.ledger.latest())
        jobs: list[str | None] = [None] * creates + [random.choice(known) for _ in range(updates)]
        random.shuffle(jobs)
        queue = iter(jobs)
        async with asyncio.TaskGroup() as clients:
            done = [clients.create_task(self._client(queue)) for _ in range(CLIENTS)]
        return sum(task.result() for task in done)

    async def _client(self, jobs: Iterator[str | None]) -> int:
        acknowledged = 0
        with suppress(Disconnected):
            async with raw_client(self.base_url) as client:
                for job in jobs:
                    answer = await (self._create(client) if job is None else self._update(client, job))
                    if answer.status == _UNAVAILABLE:
                        break
                    acknowledged += 1
                    if self.after_each is not None:
                        await self.after_each(next(self._number))
        return acknowledged

    async def _create(self, client: RawClient) -> Answer:
        text = uuid.uuid4().hex
        return self._noted(await client.request("POST", "/Observation", _observation(text)), text)

    async def _update(self, client: RawClient, resource_id: str) -> Answer:
        text = uuid.uuid4().hex
        self.ledger.sent.setdefault(resource_id, set()).add(text)
        body = _observation(text, resource_id)
        return self._noted(await client.request("PUT", f"/Observation/{resource_id}", body), text)

    def _noted(self, answer: Answer, text: str) -> Answer:
        if answer.status == _UNAVAILABLE:
            return answer
        assert answer.status in (200, 201), answer.body
        key = (answer.resource["id"], int(answer.resource["meta"]["versionId"]))
        assert key not in self.ledger.acknowledged, "Two writes were told to have made the same version."
        self.ledger.acknowledged[key] = text
        self.ledger.sent.setdefault(key[0], set()).add(text)
        return answer


def _observation(text: str, resource_id: str | None = None) -> bytes:
    resource: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": text},
        # Several pages long now and then, so that some bodies are stored out of line.
        "note": [{"text": random.choice(("a", "ab", "abc")) * random.choice((1, 20, 3000))}],
    }
    if resource_id is not None:
        resource["id"] = resource_id
    return json.dumps(resource).encode()
