import json
from itertools import islice
from random import Random

import pytest

from tools.bench.answer import Answer
from tools.bench.scenarios import SCENARIOS, Material, Request, id_in
from tools.bench.templates import ID_MARKER, SERIAL_MARKER, TEMPLATES, synthetic_bodies

ANSWER = Answer(200, b"http/1.1 200 ok\r\n")
CREATED = Answer(201, b"http/1.1 201 created\r\nlocation: http://x/fhir/patient/made-1/_history/1\r\n")


@pytest.fixture
def material() -> Material:
    bodies: dict[str, list[bytes]] = {}
    for name, body in synthetic_bodies(each=2):
        bodies.setdefault(name, []).append(body)
    return Material([("Patient", "p1"), ("Claim", "c1")], bodies)


def body_in(request: Request) -> bytes:
    return request.text.split(b"\r\n\r\n", 1)[1]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_request_tells_the_length_of_its_body(name: str, material: Material) -> None:
    scenario = SCENARIOS[name](material, Random(1))
    requests = [next(scenario), *(scenario.send(CREATED) for _ in range(40))]
    for request in requests:
        head, _, body = request.text.partition(b"\r\n\r\n")
        assert (f"Content-Length: {len(body)}".encode() in head) == bool(body)


def test_the_mix_creates_reads_updates_and_deletes_each_type(material: Material) -> None:
    scenario = SCENARIOS["mix"](material, Random(1))
    requests = [next(scenario), *(scenario.send(CREATED) for _ in range(4 * len(TEMPLATES) - 1))]
    assert [request.name for request in requests] == ["create", "read", "update", "delete"] * len(TEMPLATES)
    created = {request.text.split(b" ")[1].decode() for request in requests[::4]}
    assert created == {f"/fhir/{name}" for name in TEMPLATES}
    assert all(b"/made-1 HTTP/1.1" in request.text for request in requests if request.name != "create")


def test_the_mix_goes_on_with_the_next_create_where_one_failed(material: Material) -> None:
    scenario = SCENARIOS["mix"](material, Random(1))
    next(scenario)
    assert scenario.send(Answer(500, b"http/1.1 500 internal server error\r\n")).name == "create"


def test_updates_carry_the_id_of_the_url_and_are_never_the_same(material: Material) -> None:
    scenario = SCENARIOS["update"](material, Random(1))
    requests = [next(scenario), *(scenario.send(ANSWER) for _ in range(19))]
    bodies = [body_in(request) for request in requests]
    for request, body in zip(requests, bodies, strict=True):
        assert request.text.split(b" ")[1].endswith(b"/" + json.loads(body)["id"].encode())
        assert ID_MARKER.encode() not in body
        assert SERIAL_MARKER.encode() not in body
    assert len(set(bodies)) == len(bodies)


def test_reads_ask_for_resources_that_exist(material: Material) -> None:
    requests = list(islice(SCENARIOS["read"](material, Random(1)), 20))
    assert {request.text.split(b" ")[1] for request in requests} == {b"/fhir/Patient/p1", b"/fhir/Claim/c1"}
    assert all(request.status == 200 for request in requests)


def test_the_id_of_a_created_resource_is_read_from_its_location() -> None:
    assert id_in(CREATED) == "made-1"
    assert id_in(Answer(201, b"http/1.1 201 created\r\nlocation: /fhir/patient/made-2\r\n")) == "made-2"
    assert id_in(ANSWER) == ""
