"""Many writers of the same resources at once."""

import asyncio
from collections.abc import Sequence

import pytest

from fhir_server.core.context import Context
from fhir_server.core.errors import NotFound, Overloaded, PreconditionFailed
from fhir_server.interactions.change import Change, Effect, Precondition
from fhir_server.interactions.history import history
from fhir_server.interactions.read import read
from fhir_server.interactions.services import Services
from fhir_server.interactions.write import Result, write
from fhir_server.storage.selection import History
from tests.factories import put, removal, write_one

WRITERS = 32


async def all_at_once(
    services: Services, context: Context, sets: Sequence[Sequence[Change]]
) -> list[list[Result] | BaseException]:
    return await asyncio.gather(*(write(services, context, each) for each in sets), return_exceptions=True)


async def versions(services: Services, context: Context, resource_id: str) -> list[int]:
    page = await history(services, context, History(limit=1000, type="Patient", id=resource_id))
    return [version.version for version in page.versions]


async def test_one_of_many_writers_wins_each_version(services: Services, context: Context) -> None:
    await write_one(services, context, put(services, "a"))
    for version in range(1, 6):
        asked = Precondition(if_match=frozenset({str(version)}))
        changes = [[put(services, "a", f"Silva {version}.{n}", precondition=asked)] for n in range(WRITERS)]
        found = await all_at_once(services, context, changes)
        won = [each for each in found if isinstance(each, list)]
        lost = [each for each in found if isinstance(each, PreconditionFailed)]
        assert (len(won), len(lost)) == (1, WRITERS - 1)
        assert won[0][0].decision.version == version + 1
        winner = (await read(services, context, "Patient", "a")).body
        assert won[0][0].version is not None
        assert winner == won[0][0].version.body
    assert await versions(services, context, "a") == [6, 5, 4, 3, 2, 1]


async def test_no_update_without_precondition_is_lost(services: Services, context: Context) -> None:
    await write_one(services, context, put(services, "a"))
    found = await all_at_once(services, context, [[put(services, "a", f"Silva {n}")] for n in range(WRITERS)])
    told = sorted(each[0].decision.version for each in found if isinstance(each, list))
    assert told == list(range(2, WRITERS + 2))
    assert await versions(services, context, "a") == list(range(WRITERS + 1, 0, -1))


async def test_many_who_create_one_id_make_one_resource(services: Services, context: Context) -> None:
    found = await all_at_once(services, context, [[put(services, "new", f"Silva {n}")] for n in range(WRITERS)])
    effects = [each[0].decision.effect for each in found if isinstance(each, list)]
    assert len(effects) == WRITERS
    assert effects.count(Effect.CREATED) == 1
    assert await versions(services, context, "new") == list(range(WRITERS, 0, -1))


async def test_many_who_create_one_id_if_it_is_new_make_one_version(services: Services, context: Context) -> None:
    is_new = Precondition(if_none_match=frozenset({"*"}))
    changes = [[put(services, "new", f"Silva {n}", precondition=is_new)] for n in range(WRITERS)]
    found = await all_at_once(services, context, changes)
    assert sum(isinstance(each, list) for each in found) == 1
    assert sum(isinstance(each, PreconditionFailed) for each in found) == WRITERS - 1
    assert await versions(services, context, "new") == [1]


async def test_many_who_delete_make_one_deletion(services: Services, context: Context) -> None:
    await write_one(services, context, put(services, "a"))
    found = await all_at_once(services, context, [[removal("a")] for _ in range(WRITERS)])
    effects = [each[0].decision.effect for each in found if isinstance(each, list)]
    assert (effects.count(Effect.DELETED), effects.count(Effect.ABSENT)) == (1, WRITERS - 1)
    assert await versions(services, context, "a") == [2, 1]


@pytest.mark.parametrize("present", [True, False])
async def test_sets_in_opposite_orders_never_deadlock(services: Services, context: Context, present: bool) -> None:
    names = [f"p{number}" for number in range(12)]
    if present:
        await write(services, context, [put(services, name) for name in names])
    sets = [
        [put(services, name, f"Silva {number}") for name in (names if number % 2 else reversed(names))]
        for number in range(16)
    ]
    found = await all_at_once(services, context, sets)
    assert all(isinstance(each, list) for each in found), found
    for name in names:
        assert await versions(services, context, name) == list(range(16 + present, 0, -1))


async def test_sets_that_create_and_change_in_opposite_orders_never_deadlock(
    services: Services, context: Context
) -> None:
    """Half of the resources exist; each set changes them all, some twice."""
    names = [f"p{number}" for number in range(8)]
    await write(services, context, [put(services, name) for name in names[::2]])
    sets = []
    for number in range(12):
        order = names if number % 2 else names[::-1]
        sets.append([put(services, name, f"Silva {number}.{turn}") for turn in range(2) for name in order])
    found = await all_at_once(services, context, sets)
    assert all(isinstance(each, list) for each in found), found
    for index, name in enumerate(names):
        assert len(await versions(services, context, name)) == 24 + (index % 2 == 0)


async def test_a_set_and_single_writers_do_not_lose_each_other(services: Services, context: Context) -> None:
    await write(services, context, [put(services, "a"), put(services, "b")])
    sets: list[list[Change]] = [[put(services, "a", f"one {n}")] for n in range(16)]
    sets += [[put(services, "b", f"set {n}"), put(services, "a", f"set {n}")] for n in range(8)]
    found = await all_at_once(services, context, sets)
    assert all(isinstance(each, list) for each in found), found
    assert await versions(services, context, "a") == list(range(25, 0, -1))
    assert await versions(services, context, "b") == list(range(9, 0, -1))


async def test_a_set_that_loses_again_and_again_is_told_to_try_later(services: Services, context: Context) -> None:
    """A promise that an id is new, which is not kept, loses against the one who has it."""
    taken = put(services, "a")
    await write_one(services, context, taken)
    promised = Change("POST", "Patient", "a", taken.content, new=True)
    with pytest.raises(Overloaded) as told:
        await write(services, context, [put(services, "b"), promised])
    assert told.value.issues[0].code == "lock-error"
    with pytest.raises(NotFound):
        await read(services, context, "Patient", "b")
