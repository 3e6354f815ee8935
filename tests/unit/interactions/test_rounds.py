from hypothesis import given
from hypothesis import strategies as st

from fhir_server.interactions.change import Change, rounds

KEYS = st.tuples(st.sampled_from(["Claim", "Patient"]), st.sampled_from(["a", "b", "c", "d"]))


def changes(keys: list[tuple[str, str]]) -> list[Change]:
    return [Change("DELETE", resource_type, resource_id, None) for resource_type, resource_id in keys]


def test_changes_of_different_resources_are_one_round_in_the_order_of_their_keys() -> None:
    assert rounds(changes([("Patient", "b"), ("Patient", "a"), ("Claim", "z")])) == [[2, 1, 0]]


def test_changes_of_one_resource_are_a_round_each_in_their_order() -> None:
    assert rounds(changes([("Patient", "a"), ("Patient", "b"), ("Patient", "a")])) == [[0, 1], [2]]


def test_nothing_to_change_is_no_round() -> None:
    assert rounds([]) == []


@given(st.lists(KEYS, max_size=30))
def test_every_change_is_in_one_round_and_no_resource_twice_in_one(keys: list[tuple[str, str]]) -> None:
    found = rounds(changes(keys))
    assert sorted(index for indexes in found for index in indexes) == list(range(len(keys)))
    for indexes in found:
        locked = [keys[index] for index in indexes]
        assert locked == sorted(set(locked))
    for key in set(keys):
        in_turn = [index for indexes in found for index in indexes if keys[index] == key]
        assert in_turn == sorted(in_turn)


@given(st.lists(KEYS, max_size=30))
def test_a_later_round_locks_nothing_that_the_first_did_not(keys: list[tuple[str, str]]) -> None:
    found = rounds(changes(keys))
    first = {keys[index] for index in found[0]} if found else set()
    assert {keys[index] for indexes in found for index in indexes} == first
