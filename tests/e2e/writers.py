"""Clients that write to a server at the same time and remember what it acknowledged."""

import asyncio
import itertools
import json
import random
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

CONNECTIONS = 24
_TIMEOUT = httpx.Timeout(60.0)


@dataclass(slots=True)
class Ledger:
    """What was sent and what the server acknowledged.

    `acknowledged` holds (id, version) and the text that the version was given; `sent` holds every text that may
    have become a version of a resource.
    """

    acknowledged: dict[tuple[str, int], str] = field(default_factory=dict)
    sent: dict[str, set[str]] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        """The ids of all resources that were acknowledged."""
        return sorted({resource_id for resource_id, _ in self.acknowledged})

    def latest(self, resource_id: str) -> int:
        """Return the highest version of a resource that was acknowledged."""
        return max(version for each, version in self.acknowledged if each == resource_id)


class _Unavailable(Exception):  # noqa: N818
    """The server says that it cannot reach its database."""


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
    _number: Iterator[int] = field(default_factory=itertools.count)

    async def run(self, *, creates: int, updates: int) -> int:
        """Send all of them and return how many were acknowledged."""
        known = self.ledger.ids
        jobs: list[str | None] = [None] * creates + [random.choice(known) for _ in range(updates)]
        random.shuffle(jobs)
        queue = iter(jobs)
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        async with (
            httpx.AsyncClient(base_url=self.base_url, timeout=_TIMEOUT, limits=limits) as http,
            asyncio.TaskGroup() as clients,
        ):
            done = [clients.create_task(self._client(http, queue)) for _ in range(CONNECTIONS)]
        return sum(task.result() for task in done)

    async def _client(self, http: httpx.AsyncClient, jobs: Iterator[str | None]) -> int:
        acknowledged = 0
        for job in jobs:
            try:
                await (self._create(http) if job is None else self._update(http, job))
            except (httpx.TransportError, _Unavailable):
                return acknowledged
            acknowledged += 1
            if self.after_each is not None:
                await self.after_each(next(self._number) + 1)
        return acknowledged

    async def _create(self, http: httpx.AsyncClient) -> None:
        text = uuid.uuid4().hex
        answer = await http.post("/Observation", content=_observation(text), headers=_HEADERS)
        self._note(answer, text)

    async def _update(self, http: httpx.AsyncClient, resource_id: str) -> None:
        text = uuid.uuid4().hex
        self.ledger.sent.setdefault(resource_id, set()).add(text)
        body = _observation(text, resource_id)
        self._note(await http.put(f"/Observation/{resource_id}", content=body, headers=_HEADERS), text)

    def _note(self, answer: httpx.Response, text: str) -> None:
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise _Unavailable
        assert answer.status_code in (200, 201), answer.text
        resource = answer.json()
        key = (resource["id"], int(resource["meta"]["versionId"]))
        assert key not in self.ledger.acknowledged, "Two writes were told to have made the same version."
        self.ledger.acknowledged[key] = text
        self.ledger.sent.setdefault(resource["id"], set()).add(text)


_HEADERS = {"content-type": "application/fhir+json"}


def _observation(text: str, resource_id: str | None = None) -> bytes:
    resource: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": text},
        # Several pages long now and then, so that some bodies are stored out of line.
        "note": [{"text": random.choice(("", "ab", "abc")) * random.choice((1, 20, 3000)) + "."}],
    }
    if resource_id is not None:
        resource["id"] = resource_id
    return json.dumps(resource).encode()
