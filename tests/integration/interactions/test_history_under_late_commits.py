"""Histories of a type and of the system while transactions that began earlier commit later."""

import asyncio
from dataclasses import replace

from fhir_server.core.context import Context
from fhir_server.interactions.history import Page, history
from fhir_server.interactions.services import Services
from fhir_server.storage.selection import History, HistoryFilter
from tests.factories import put, uncommitted, write_one
from tests.plugins.services import OpenServices
from tests.waiting import PATIENCE, until

Found = tuple[str, int]

ALL_PATIENTS = History(limit=1000, type="Patient")


def found_in(page: Page) -> list[Found]:
    return [(version.id, version.version) for version in page.versions]


async def walked(services: Services, context: Context, selection: History) -> list[Found]:
    """Return the versions of all pages."""
    found: list[Found] = []
    following: History | None = selection
    while following is not None:
        page = await history(services, context, following)
        found += found_in(page)
        following = page.next
    return found


async def test_a_history_waits_for_a_write_that_began_before(
    services: Services, context: Context, statements: list[str]
) -> None:
    patient_ones = replace(services, history_patience=PATIENCE)
    async with uncommitted(services, context, "early"):
        await write_one(services, context, put(services, "later"))
        asked = asyncio.create_task(history(patient_ones, context, ALL_PATIENTS))
        await until(lambda: statements.count("horizon") > 2)
        assert not asked.done()
    page = await asked
    assert found_in(page) == [("later", 1), ("early", 1)]
    assert page.settled_at is not None


async def test_a_history_waits_for_a_write_that_is_alone_under_way(
    services: Services, context: Context, statements: list[str]
) -> None:
    """No transaction ended since this one began, so that a snapshot alone does not tell of it."""
    async with uncommitted(services, context, "early"):
        asked = asyncio.create_task(history(replace(services, history_patience=PATIENCE), context, ALL_PATIENTS))
        await until(lambda: statements.count("horizon") > 2 or asked.done())
        assert not asked.done()
    assert found_in(await asked) == [("early", 1)]


async def test_asking_since_a_settled_time_finds_what_committed_after_the_page(
    services: Services, context: Context
) -> None:
    quick = replace(services, history_patience=0.02)
    async with uncommitted(services, context, "early"):
        first = await history(quick, context, ALL_PATIENTS)
    since = HistoryFilter(since=first.settled_at)
    second = await history(services, context, replace(ALL_PATIENTS, filter=since))
    assert ("early", 1) in found_in(first) + found_in(second)


async def test_what_a_stuck_write_precedes_is_hidden_and_no_settled_time_is_told(
    services: Services, context: Context
) -> None:
    quick = replace(services, history_patience=0.02)
    await write_one(services, context, put(services, "before"))
    async with uncommitted(services, context, "stuck"):
        await write_one(services, context, put(services, "after"))
        page = await history(quick, context, ALL_PATIENTS)
    assert found_in(page) == [("before", 1)]
    assert page.settled_at is None
    assert sorted(await walked(services, context, ALL_PATIENTS)) == [("after", 1), ("before", 1), ("stuck", 1)]


async def test_the_pages_of_a_history_leave_out_what_commits_after_the_first(
    services: Services, context: Context
) -> None:
    quick = replace(services, history_patience=0.02)
    for name in ("a", "b", "c"):
        await write_one(services, context, put(services, name))
    async with uncommitted(services, context, "late"):
        first = await history(quick, context, replace(ALL_PATIENTS, limit=2))
    assert first.next is not None
    found = found_in(first) + await walked(services, context, first.next)
    assert found == [("c", 1), ("b", 1), ("a", 1)]


async def test_a_history_without_a_time_to_wait_for_is_answered_at_once(
    services: Services, context: Context, statements: list[str]
) -> None:
    await write_one(services, context, put(services, "a"))
    statements.clear()
    page = await history(services, context, ALL_PATIENTS)
    assert page.settled_at is not None
    assert statements == ["horizon", "history"]


async def test_polling_since_the_settled_time_collects_every_version(
    open_worker: OpenServices, context: Context
) -> None:
    """Sixteen writers commit at random moments after they took their time; a poller follows them."""
    async with open_worker() as services:
        written: list[Found] = []

        async def write_late(number: int) -> None:
            async with uncommitted(services, context, f"late-{number}"):
                await asyncio.gather(*(asyncio.sleep(0) for _ in range(number % 7)))
                await write_one(services, context, put(services, f"within-{number}"))
            written.extend([(f"late-{number}", 1), (f"within-{number}", 1)])

        async def write_all() -> None:
            for start in range(0, 48, 4):
                await asyncio.gather(*(write_late(number) for number in range(start, start + 4)))

        writing = asyncio.create_task(write_all())
        collected: set[Found] = set()
        selection = ALL_PATIENTS
        while True:
            last = writing.done()
            page = await history(services, context, selection)
            collected.update(found_in(page))
            if page.settled_at is not None:
                selection = replace(ALL_PATIENTS, filter=HistoryFilter(since=page.settled_at))
            if last:
                break
        await writing
        assert collected == set(written)
