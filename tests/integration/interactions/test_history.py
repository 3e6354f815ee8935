"""Histories against a model that filters a list."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_server.core.context import Context
from fhir_server.core.errors import Gone, NotFound
from fhir_server.core.json import dump
from fhir_server.interactions.change import Change, Given
from fhir_server.interactions.history import history
from fhir_server.interactions.list_members import list_members
from fhir_server.interactions.services import Services
from fhir_server.interactions.write import write
from fhir_server.storage.selection import History, HistoryFilter
from tests.factories import bare, put, removal, write_one

NOON = datetime(2020, 1, 31, 12, tzinfo=UTC)
KEYS = [(kind, name) for kind in ("Patient", "Person") for name in ("a", "b", "c", "d")]
SPAN = 40

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def at(milliseconds: int) -> datetime:
    return NOON + timedelta(milliseconds=milliseconds)


@dataclass(frozen=True)
class Known:
    """A version of the model; `until` is the time of the next one."""

    type: str
    id: str
    version: int
    begin: datetime
    until: datetime | None

    def counts(self, wanted: HistoryFilter) -> bool:
        if wanted.since is not None and self.begin < wanted.since:
            return False
        if wanted.listed is not None and (self.type, self.id) not in wanted.listed:
            return False
        if wanted.at is None:
            return True
        return self.begin < wanted.at[1] and (self.until is None or self.until > wanted.at[0])


@pytest.fixture
async def known(services: Services, context: Context) -> list[Known]:
    """Restore versions at times of a small span, many at the same, a third of them deletions."""
    random = Random(7)
    changes: list[Change] = []
    found: list[Known] = []
    for kind, name in KEYS:
        times = sorted(random.sample(range(SPAN), random.randint(1, 6)))
        for index, time in enumerate(times):
            until = at(times[index + 1]) if index + 1 < len(times) else None
            found.append(Known(kind, name, index + 1, at(time), until))
            brought = Given(index + 1, at(time))
            if index and random.random() < 1 / 3:
                changes.append(Change("DELETE", kind, name, None, given=brought))
            else:
                changes.append(bare(services, kind, name, given=brought))
    await write(services, context, changes)
    return found


MOMENTS = st.integers(-2, SPAN + 2).map(at)
PERIODS = st.tuples(MOMENTS, st.integers(1, 10)).map(lambda pair: (pair[0], pair[0] + timedelta(milliseconds=pair[1])))
FILTERS = st.builds(
    HistoryFilter,
    since=st.none() | MOMENTS,
    at=st.none() | PERIODS,
    listed=st.none() | st.lists(st.sampled_from([*KEYS, ("Patient", "other")]), max_size=4).map(tuple),
)
SCOPES = st.one_of(st.just((None, None)), st.sampled_from([("Patient", None), ("Person", None)]), st.sampled_from(KEYS))


@MANY
@given(scope=SCOPES, wanted=FILTERS, limit=st.integers(1, 9))
async def test_a_history_holds_what_its_filters_say_newest_first(
    services: Services,
    context: Context,
    known: list[Known],
    scope: tuple[str | None, str | None],
    wanted: HistoryFilter,
    limit: int,
) -> None:
    expected = [
        each for each in known if scope[0] in (None, each.type) and scope[1] in (None, each.id) and each.counts(wanted)
    ]
    selection: History | None = History(limit=limit, type=scope[0], id=scope[1], filter=wanted)
    assert selection is not None
    counted = await history(services, context, selection, count_only=True)
    assert (counted.total, counted.versions, counted.next) == (len(expected), [], None)
    found = []
    while selection is not None:
        page = await history(services, context, selection)
        assert len(page.versions) <= limit
        assert page.next is None or len(page.versions) == limit
        found += page.versions
        selection = page.next
    assert sorted((v.type, v.id, v.version) for v in found) == sorted((e.type, e.id, e.version) for e in expected)
    order = [(v.last_updated, v.rid, v.version) for v in found]
    assert order == sorted(order, reverse=True)


async def test_the_history_of_one_resource_tells_its_total(services: Services, context: Context) -> None:
    await write(services, context, [put(services, "a"), put(services, "a", "Lima"), removal("a")])
    page = await history(services, context, History(limit=2, type="Patient", id="a"))
    assert page.total == 3
    assert [version.deleted for version in page.versions] == [True, False]
    assert page.next is not None
    last = await history(services, context, page.next)
    assert ([version.version for version in last.versions], last.next) == ([1], None)


async def test_a_history_that_no_version_of_a_known_resource_fits_is_empty(
    services: Services, context: Context
) -> None:
    await write_one(services, context, put(services, "a"))
    future = HistoryFilter(since=datetime.now(UTC) + timedelta(days=1))
    page = await history(services, context, History(limit=2, type="Patient", id="a", filter=future))
    assert (page.versions, page.total) == ([], 0)


async def test_a_version_stays_the_present_one_for_the_pages_that_began_before_the_next(
    services: Services, context: Context
) -> None:
    """The period lies in the future, where a version written in between ends the time of the one before."""
    await write(services, context, [put(services, name) for name in ("a", "b", "c")])
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    wanted = HistoryFilter(at=(tomorrow, tomorrow + timedelta(days=1)))
    first = await history(services, context, History(limit=1, type="Patient", filter=wanted))
    await write(services, context, [put(services, name, "Lima") for name in ("a", "b", "c")])
    assert first.next is not None
    rest = await history(services, context, replace(first.next, limit=10))
    assert sorted(version.id for version in first.versions + rest.versions) == ["a", "b", "c"]
    assert {version.version for version in first.versions + rest.versions} == {1}


@MANY
@given(data=st.data())
async def test_pages_visit_each_version_once_whatever_is_written_meanwhile(
    services: Services, new_tenants: Iterator[Context], data: st.DataObject
) -> None:
    context = next(new_tenants)
    names = [f"p{number}" for number in range(6)]
    writes = st.lists(st.tuples(st.sampled_from(names), st.booleans()), max_size=6)

    async def write_some() -> None:
        changes = [
            removal(name) if gone else put(services, name, data.draw(st.sampled_from(["Lima", "Reis", "Souza"])))
            for name, gone in data.draw(writes)
        ]
        await write(services, context, changes)

    await write_some()
    before = await history(services, context, History(limit=10**6, type="Patient"))
    found = []
    selection: History | None = History(limit=data.draw(st.integers(1, 5)), type="Patient")
    while selection is not None:
        page = await history(services, context, selection)
        found += page.versions
        await write_some()
        selection = None if page.next is None else replace(page.next, limit=data.draw(st.integers(1, 40)))
    assert found == before.versions


async def test_a_list_confines_to_the_local_resources_it_names(services: Services, context: Context) -> None:
    references = [
        "Patient/a",
        "http://here/fhir/Patient/b",
        "Patient/a",
        "Patient/c/_history/7",
        "http://elsewhere/fhir/Patient/d",
        "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
        "#contained",
        "Patient/a_b",
        "Patient/e/_history",
        "Patient/f/other/1",
        "Pat\x00ient/g",
    ]
    entries = [{"item": {"reference": each}} for each in references]
    entries += [{"item": {"display": "nothing"}}, {"deleted": True, "item": {"reference": "Patient/removed"}}]  # type: ignore[dict-item]
    body = {"resourceType": "List", "id": "l", "status": "current", "mode": "changes", "entry": entries}
    content = services.preparation.content_now("List", dump(body))
    await write_one(services, context, Change("PUT", "List", "l", content))
    found = await list_members(services, context, "l", base_url="http://here/fhir")
    assert found == (("Patient", "a"), ("Patient", "b"), ("Patient", "c"))


async def test_a_list_without_entries_names_nothing(services: Services, context: Context) -> None:
    content = services.preparation.content_now(
        "List", b'{"resourceType":"List","id":"l","status":"current","mode":"working"}'
    )
    await write_one(services, context, Change("PUT", "List", "l", content))
    assert await list_members(services, context, "l", base_url="http://here/fhir") == ()


async def test_a_list_that_is_not_there_is_told(services: Services, context: Context) -> None:
    with pytest.raises(NotFound):
        await list_members(services, context, "l", base_url="http://here/fhir")
    content = services.preparation.content_now(
        "List", b'{"resourceType":"List","id":"l","status":"current","mode":"working"}'
    )
    await write(services, context, [Change("PUT", "List", "l", content), Change("DELETE", "List", "l", None)])
    with pytest.raises(Gone):
        await list_members(services, context, "l", base_url="http://here/fhir")
