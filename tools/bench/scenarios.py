"""What a connection asks for, one request after the other.

A scenario is a generator: it yields a request and is sent the answer to it. Each connection runs its own.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, cycle
from random import Random
from types import MappingProxyType

from tools.bench.answer import Answer
from tools.bench.templates import ID_MARKER, SERIAL_MARKER

_ID = ID_MARKER.encode()
_SERIAL = SERIAL_MARKER.encode()


@dataclass(frozen=True, slots=True)
class Request:
    """A request ready to be sent, and the status that its answer should have."""

    name: str
    text: bytes
    status: int


@dataclass(frozen=True, slots=True)
class Material:
    """What requests are made of: resources that exist, and bodies by type with their two markers."""

    resources: Sequence[tuple[str, str]]
    bodies: Mapping[str, Sequence[bytes]]


Scenario = Generator[Request, Answer, None]


def read(material: Material, random: Random) -> Scenario:
    """Read random resources."""
    while True:
        yield _get("read", *random.choice(material.resources))


def history(material: Material, random: Random) -> Scenario:
    """Read the histories of random resources."""
    while True:
        name, resource_id = random.choice(material.resources)
        yield _get("history", name, f"{resource_id}/_history")


def create(material: Material, random: Random) -> Scenario:
    """Create resources, the types taking turns; the server assigns the ids."""
    for name in cycle(_shuffled(material.bodies, random)):
        yield _post(name, _body(material, random, name))


def update(material: Material, random: Random) -> Scenario:
    """Update random resources, each to a content that they never had."""
    serials = _serials(random)
    while True:
        name, resource_id = random.choice(material.resources)
        yield _put(name, resource_id, _body(material, random, name), next(serials))


def mix(material: Material, random: Random) -> Scenario:
    """Create, read, update and delete resources of each type in turn."""
    serials = _serials(random)
    for name in cycle(_shuffled(material.bodies, random)):
        body = _body(material, random, name)
        created = yield _post(name, body)
        resource_id = id_in(created)
        if not resource_id:
            continue
        yield _get("read", name, resource_id)
        yield _put(name, resource_id, body, next(serials))
        yield Request("delete", _request("DELETE", f"{name}/{resource_id}"), 204)


SCENARIOS: Mapping[str, Callable[[Material, Random], Scenario]] = MappingProxyType(
    {"read": read, "create": create, "update": update, "history": history, "mix": mix}
)


def id_in(answer: Answer) -> str:
    """Return the id that the Location of a create names, or nothing."""
    parts = answer.header(b"location").split(b"/_history/")[0].rsplit(b"/", 1)
    return parts[-1].decode()


def _get(name: str, resource_type: str, path: str) -> Request:
    return Request(name, _request("GET", f"{resource_type}/{path}"), 200)


def _post(resource_type: str, body: bytes) -> Request:
    return Request("create", _request("POST", resource_type, body), 201)


def _put(resource_type: str, resource_id: str, body: bytes, serial: bytes) -> Request:
    text = body.replace(_ID, resource_id.encode()).replace(_SERIAL, serial)
    return Request("update", _request("PUT", f"{resource_type}/{resource_id}", text), 200)


def _request(method: str, path: str, body: bytes | None = None) -> bytes:
    head = f"{method} /fhir/{path} HTTP/1.1\r\nHost: bench\r\nAccept: application/fhir+json\r\n"
    if body is None:
        return f"{head}\r\n".encode()
    return f"{head}Content-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _body(material: Material, random: Random, name: str) -> bytes:
    return random.choice(material.bodies[name])


def _serials(random: Random) -> Generator[bytes, None, None]:
    run = f"{random.getrandbits(64):016x}"
    for number in count():
        yield f"{run}-{number}".encode()


def _shuffled(bodies: Mapping[str, Sequence[bytes]], random: Random) -> list[str]:
    return random.sample(sorted(bodies), k=len(bodies))
