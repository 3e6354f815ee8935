"""What a set of changes leaves behind in the database."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from fhir_server.core.context import Context
from fhir_server.core.errors import Conflict, FhirError, Gone, Invalid, NotFound, PreconditionFailed
from fhir_server.core.settings import FhirSettings
from fhir_server.interactions.change import ANY_VERSION, Change, Effect, Given, Precondition
from fhir_server.interactions.create import create
from fhir_server.interactions.delete import delete
from fhir_server.interactions.history import history
from fhir_server.interactions.read import read
from fhir_server.interactions.services import Services
from fhir_server.interactions.update import update
from fhir_server.interactions.vread import vread
from fhir_server.interactions.write import Result, write
from fhir_server.storage.selection import History
from tests.factories import patient, put, removal, write_one
from tests.plugins.rows import Rows
from tests.plugins.services import OpenServices

NOON = datetime(2020, 1, 31, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MUST_EXIST = Precondition(if_match=ANY_VERSION)


def effects(results: list[Result]) -> list[tuple[Effect, int]]:
    return [(result.decision.effect, result.decision.version) for result in results]


async def test_a_resource_lives_through_all_its_changes(services: Services, context: Context, rows: Rows) -> None:
    created = await create(services, context, "Patient", patient("ignored"))
    assert created.version is not None
    name = created.version.id
    assert name != "ignored"
    results = [
        created,
        await update(services, context, "Patient", name, patient(name, "Souza")),
        await update(services, context, "Patient", name, patient(name, "Souza")),
        await delete(services, context, "Patient", name),
        await delete(services, context, "Patient", name),
        await update(services, context, "Patient", name, patient(name, "Lima")),
    ]
    assert effects(results) == [
        (Effect.CREATED, 1),
        (Effect.UPDATED, 2),
        (Effect.UNCHANGED, 2),
        (Effect.DELETED, 3),
        (Effect.ABSENT, 3),
        (Effect.CREATED, 4),
    ]
    assert (await read(services, context, "Patient", name)).version == 4
    page = await history(services, context, History(limit=10, type="Patient", id=name))
    told = [(version.version, version.method, version.status) for version in page.versions]
    assert told == [(4, "PUT", 201), (3, "DELETE", 204), (2, "PUT", 200), (1, "POST", 201)]
    assert rows.counts() == (1, 4, 3)


async def test_a_result_is_what_is_read_afterwards(services: Services, context: Context) -> None:
    for change in (put(services, "a", "Lima"), put(services, "a", "Souza", meta={"source": "urn:x"})):
        result = await write_one(services, context, change)
        assert result.version == await read(services, context, "Patient", "a")


async def test_a_long_resource_is_stored_packed_and_read_exactly(
    services: Services, context: Context, rows: Rows
) -> None:
    long = "Olá " * 100_000
    results = await write(services, context, [put(services, "long", long), put(services, "short")])
    stored = rows.all("SELECT id, codec, length(body) < 100000 AS packed FROM fhir.version ORDER BY id")
    assert stored == [
        {"id": "long", "codec": 1, "packed": True},
        {"id": "short", "codec": 0, "packed": True},
    ]
    found = await read(services, context, "Patient", "long")
    assert found == results[0].version
    assert f'"name":[{{"family":"{long}"}}]'.encode() in found.text()
    again = await write_one(services, context, put(services, "long", long))
    assert again.decision.effect is Effect.UNCHANGED
    assert again.version is not None
    assert again.version.text() == found.text()


async def test_an_unchanged_update_tells_of_the_present_version(services: Services, context: Context) -> None:
    first = await write_one(services, context, put(services, "a"))
    again = await write_one(services, context, put(services, "a", meta={"versionId": "9"}))
    assert first.version is not None
    assert again.version is not None
    assert (again.version.version, again.version.last_updated) == (1, first.version.last_updated)


async def test_another_tag_makes_a_version(services: Services, context: Context) -> None:
    await write_one(services, context, put(services, "a"))
    tagged = await write_one(services, context, put(services, "a", meta={"tag": [{"code": "x"}]}))
    assert effects([tagged]) == [(Effect.UPDATED, 2)]


async def test_a_deletion_of_nothing_leaves_nothing(services: Services, context: Context, rows: Rows) -> None:
    result = await delete(services, context, "Patient", "never")
    assert (effects([result]), result.version) == ([(Effect.ABSENT, 0)], None)
    with pytest.raises(PreconditionFailed):
        await delete(services, context, "Patient", "never", precondition=MUST_EXIST)
    assert rows.counts() == (0, 0, 0)


async def test_what_is_absent_or_deleted_cannot_be_read(services: Services, context: Context) -> None:
    with pytest.raises(NotFound):
        await read(services, context, "Patient", "a")
    with pytest.raises(NotFound):
        await history(services, context, History(limit=10, type="Patient", id="a"))
    await write(services, context, [put(services, "a"), removal("a")])
    with pytest.raises(Gone) as gone:
        await read(services, context, "Patient", "a")
    assert gone.value.version == 2
    assert gone.value.last_modified is not None
    with pytest.raises(Gone):
        await vread(services, context, "Patient", "a", "2")
    assert (await vread(services, context, "Patient", "a", "1")).version == 1
    for version_id in ("3", "0", "01", "x", "", "-1", "1" * 30, "1\n", "\u0661"):
        with pytest.raises(NotFound):
            await vread(services, context, "Patient", "a", version_id)
    with pytest.raises(NotFound):
        await read(services, context, "Person", "a")


async def test_every_column_of_a_version_is_true(services: Services, context: Context, rows: Rows) -> None:
    meta = {
        "tag": [{"system": "urn:t", "code": "x"}, {"code": "y"}],
        "security": [{"system": "urn:s", "code": "R"}],
        "profile": ["http://a", "http://b"],
    }
    await write_one(services, context, put(services, "a", meta=meta))
    row = rows.all("SELECT *, txid::text::int8 AS transaction FROM fhir.version")[0]
    assert row["tags"] == ["urn:t|x", "|y"]
    assert row["security"] == ["urn:s|R"]
    assert row["profiles"] == ["http://a", "http://b"]
    assert row["last_updated"].microsecond % 1000 == 0
    assert abs(row["last_updated"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert (row["codec"], row["data_key"], row["patients"]) == (0, 0, [])
    head = rows.all("SELECT * FROM fhir.resource")[0]
    assert len(row["digest"]) == 16
    assert (head["digest"], head["deleted"], head["version"]) == (row["digest"], False, 1)
    assert (head["last_updated"], head["rid"]) == (row["last_updated"], row["rid"])
    horizon = rows.all("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8 AS xmin")[0]
    assert 0 < row["transaction"] < horizon["xmin"]


async def test_a_superseded_version_tells_when_and_by_whom(services: Services, context: Context, rows: Rows) -> None:
    for change in (put(services, "a", "Lima"), put(services, "a", "Souza"), removal("a"), put(services, "a", "Reis")):
        await write_one(services, context, change)
    found = rows.all(
        "SELECT v.version, s.superseded_at = n.last_updated AS at, s.superseded_txid = n.txid AS by, "
        "n.txid > v.txid AS later FROM fhir.version v JOIN fhir.supersession s USING (tenant, rid, version) "
        "JOIN fhir.version n ON n.tenant = v.tenant AND n.rid = v.rid AND n.version = v.version + 1 ORDER BY 1"
    )
    assert [row["version"] for row in found] == [1, 2, 3]
    assert all(row["at"] and row["by"] and row["later"] for row in found)
    assert rows.counts() == (1, 4, 3)


async def test_times_increase_with_every_version_of_a_resource(
    services: Services, context: Context, rows: Rows
) -> None:
    changes = [put(services, "a", f"Silva {number}") for number in range(200)]
    await write(services, context, changes)
    found = rows.all("SELECT version, last_updated FROM fhir.version ORDER BY version")
    assert [row["version"] for row in found] == list(range(1, 201))
    times = [row["last_updated"] for row in found]
    assert all(later - earlier >= MILLISECOND for earlier, later in pairwise(times))


async def test_a_version_after_one_of_the_future_is_later_still(services: Services, context: Context) -> None:
    future = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    await write_one(services, context, put(services, "a", "Lima", given=Given(1, future)))
    result = await write_one(services, context, put(services, "a", "Souza"))
    assert result.version is not None
    assert result.version.last_updated == future + MILLISECOND


async def test_versions_are_restored_with_their_numbers_and_times(services: Services, context: Context) -> None:
    restored = [
        put(services, "a", "Lima", given=Given(2, NOON)),
        put(services, "a", "Lima", given=Given(3, NOON + timedelta(microseconds=1500))),
        removal("a", given=Given(5, NOON + timedelta(days=1))),
        put(services, "b", "Reis", given=Given(1, NOON)),
    ]
    results = await write(services, context, restored)
    assert effects(results) == [
        (Effect.CREATED, 2),
        (Effect.UPDATED, 3),
        (Effect.DELETED, 5),
        (Effect.CREATED, 1),
    ]
    page = await history(services, context, History(limit=10, type="Patient", id="a"))
    assert [(version.version, version.last_updated) for version in page.versions] == [
        (5, NOON + timedelta(days=1)),
        (3, NOON + MILLISECOND),
        (2, NOON),
    ]
    following = await write_one(services, context, put(services, "a", "Souza"))
    assert effects([following]) == [(Effect.CREATED, 6)]


@pytest.mark.parametrize(
    "given", [Given(1, NOON + MILLISECOND), Given(2, NOON), Given(2, NOON + timedelta(microseconds=999))]
)
async def test_a_restored_version_that_does_not_follow_leaves_nothing_of_its_set(
    services: Services, context: Context, rows: Rows, given: Given
) -> None:
    await write_one(services, context, put(services, "a", given=Given(1, NOON)))
    with pytest.raises(Conflict):
        await write(services, context, [put(services, "b"), put(services, "a", "Lima", given=given)])
    assert rows.counts() == (1, 1, 0)


async def test_a_set_does_each_change_and_answers_in_its_order(
    services: Services, context: Context, rows: Rows
) -> None:
    await write(services, context, [put(services, name) for name in ("u", "same", "d", "gone")])
    await write_one(services, context, removal("gone"))
    content = services.preparation.content_now("Patient", patient())
    results = await write(
        services,
        context,
        [
            put(services, "u", "Lima"),
            Change("POST", "Patient", "made-here", content, new=True),
            removal("d"),
            put(services, "same"),
            removal("never"),
            put(services, "gone"),
            removal("u"),
            put(services, "made-by-client"),
        ],
    )
    assert effects(results) == [
        (Effect.UPDATED, 2),
        (Effect.CREATED, 1),
        (Effect.DELETED, 2),
        (Effect.UNCHANGED, 1),
        (Effect.ABSENT, 0),
        (Effect.CREATED, 3),
        (Effect.DELETED, 3),
        (Effect.CREATED, 1),
    ]
    assert [result.version.id for result in results if result.version] == [
        "u",
        "made-here",
        "d",
        "same",
        "gone",
        "u",
        "made-by-client",
    ]
    assert rows.counts() == (6, 11, 5)


async def test_an_empty_set_does_nothing(services: Services, context: Context, rows: Rows) -> None:
    assert await write(services, context, []) == []
    assert rows.counts() == (0, 0, 0)


async def test_a_resource_changed_twice_in_a_set_has_both_versions(services: Services, context: Context) -> None:
    names = ("Lima", "Souza", "Souza", "Lima")
    results = await write(services, context, [put(services, "a", name) for name in names])
    assert effects(results) == [
        (Effect.CREATED, 1),
        (Effect.UPDATED, 2),
        (Effect.UNCHANGED, 2),
        (Effect.UPDATED, 3),
    ]


async def test_a_precondition_in_a_set_is_about_the_version_before_it(services: Services, context: Context) -> None:
    second = put(services, "a", "Souza", precondition=Precondition(if_match=frozenset({"1"})))
    assert effects(await write(services, context, [put(services, "a"), second])) == [
        (Effect.CREATED, 1),
        (Effect.UPDATED, 2),
    ]


@pytest.mark.parametrize("position", [0, 1, 2, 3])
async def test_a_set_with_a_change_that_must_not_be_done_leaves_nothing(
    services: Services, context: Context, rows: Rows, position: int
) -> None:
    await write_one(services, context, put(services, "here"))
    changes = [put(services, "here", "Lima"), put(services, "b"), put(services, "b", "Lima")]
    changes.insert(position, put(services, "absent", precondition=MUST_EXIST))
    with pytest.raises(PreconditionFailed, match="Patient/absent"):
        await write(services, context, changes)
    assert rows.counts() == (1, 1, 0)
    assert effects([await write_one(services, context, put(services, "here", "Lima"))]) == [(Effect.UPDATED, 2)]


async def test_five_hundred_changes_are_a_handful_of_statements(
    services: Services, context: Context, statements: list[str], rows: Rows
) -> None:
    changes = [put(services, f"p{number}") for number in range(500)]
    assert set(effects(await write(services, context, changes))) == {(Effect.CREATED, 1)}
    assert sorted(statements) == ["generation", "heads", "insert_versions"]
    statements.clear()
    mixed = [put(services, f"p{number}", "Lima") for number in range(250)]
    mixed += [removal(f"p{number}") for number in range(250, 400)]
    mixed += [put(services, f"q{number}") for number in range(100)]
    await write(services, context, mixed)
    assert statements == ["heads", "insert_versions"]
    assert rows.counts() == (600, 1000, 400)
    transactions = rows.all("SELECT count(DISTINCT txid) AS n FROM fhir.version")
    assert transactions == [{"n": 2}]


async def test_one_change_is_at_most_two_statements(
    services: Services, context: Context, statements: list[str]
) -> None:
    await services.generation.current()
    statements.clear()
    result = await create(services, context, "Patient", patient())
    assert statements == ["insert_versions"]
    assert result.version is not None
    statements.clear()
    await update(services, context, "Patient", result.version.id, patient(result.version.id, "Lima"))
    assert statements == ["heads", "insert_versions"]
    statements.clear()
    await update(services, context, "Patient", result.version.id, patient(result.version.id, "Lima"))
    assert statements == ["heads"]


async def test_tenants_do_not_see_each_other(services: Services, context: Context, rows: Rows) -> None:
    other = Context(tenant=1)
    assert effects([await write_one(services, context, put(services, "a", "Lima"))]) == [(Effect.CREATED, 1)]
    with pytest.raises(NotFound):
        await read(services, other, "Patient", "a")
    with pytest.raises(PreconditionFailed):
        await write_one(services, other, put(services, "a", precondition=MUST_EXIST))
    with pytest.raises(NotFound):
        await history(services, other, History(limit=10, type="Patient", id="a"))
    assert effects([await delete(services, other, "Patient", "a")]) == [(Effect.ABSENT, 0)]
    assert effects([await write_one(services, other, put(services, "a", "Souza"))]) == [(Effect.CREATED, 1)]
    assert effects([await delete(services, other, "Patient", "a")]) == [(Effect.DELETED, 2)]
    assert b"Lima" in (await read(services, context, "Patient", "a")).text()
    for each, expected in ((context, [1]), (other, [2, 1])):
        for selection in (History(limit=10), History(limit=10, type="Patient")):
            page = await history(services, each, selection)
            assert [version.version for version in page.versions] == expected
    assert rows.counts() == (2, 3, 1)


@pytest.mark.parametrize(
    ("data", "error"),
    [(patient(), Invalid), (patient("b"), Invalid), (b"{}", Invalid), (b'{"resourceType":"Person","id":"a"}', Invalid)],
)
async def test_an_update_that_is_not_valid_stores_nothing(
    services: Services, context: Context, rows: Rows, data: bytes, error: type[FhirError]
) -> None:
    with pytest.raises(error):
        await update(services, context, "Patient", "a", data)
    assert rows.counts() == (0, 0, 0)


async def test_the_rules_come_from_the_settings(open_worker: OpenServices, context: Context) -> None:
    rules = FhirSettings(update_create=False, versioned_update=frozenset({"Patient"}))
    async with open_worker(fhir=rules) as services:
        created = await create(services, context, "Patient", patient())
        assert created.version is not None
        with pytest.raises(FhirError, match="If-Match"):
            await write_one(services, context, put(services, created.version.id, "Lima"))
        with pytest.raises(FhirError, match="lets no client choose an id"):
            await write_one(services, context, put(services, "a"))
