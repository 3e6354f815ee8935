from statistics import mean

from fhir_server.definitions import load_definitions
from fhir_server.validation.structure import StructuralValidator
from tools.bench.templates import ID_MARKER, SERIAL_MARKER, TEMPLATES, synthetic_bodies


def test_synthetic_bodies_are_structurally_valid_resources_of_their_types() -> None:
    validator = StructuralValidator(load_definitions())
    for name, body in synthetic_bodies(each=3):
        assert validator.decode(body, name).resource_type == name


def test_synthetic_bodies_are_the_same_for_the_same_seed() -> None:
    assert synthetic_bodies(each=2, seed=7) == synthetic_bodies(each=2, seed=7)
    assert synthetic_bodies(each=2, seed=7) != synthetic_bodies(each=2, seed=8)


def test_synthetic_bodies_are_as_large_as_real_ones() -> None:
    bodies = synthetic_bodies(each=20)
    assert 1_300 < mean(len(body) for _, body in bodies) < 2_000
    assert [name for name, _ in bodies[: len(TEMPLATES)]] == list(TEMPLATES)


def test_each_body_has_a_place_for_an_id_and_for_a_number() -> None:
    for _, body in synthetic_bodies(each=1):
        assert body.count(ID_MARKER.encode()) == 1
        assert body.count(SERIAL_MARKER.encode()) == 1
