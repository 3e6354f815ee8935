import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest

from fhir_server.bulk.load import LoadOptions, Progress, load
from fhir_server.bulk.report import MAX_REASONS, LoadReport
from fhir_server.bulk.sources import Piece, Source
from fhir_server.bulk.target import Target
from fhir_server.core.errors import Conflict, Invalid, Overloaded
from fhir_server.definitions import load_definitions
from fhir_server.interactions.change import Change, Effect
from fhir_server.interactions.prepare import Preparation, PrepareOptions

Write = Callable[[Sequence[Change]], Awaitable[Sequence[Effect]]]


@pytest.fixture(scope="module")
def preparation() -> Iterator[Preparation]:
    """Yield the server's own preparation of bodies."""
    options = PrepareOptions(digest_key=bytes(32), max_depth=100, max_number_characters=200)
    with Preparation(load_definitions(), options) as made:
        yield made


def source(*resources: dict[str, Any], name: str = "patients.ndjson") -> Source:
    texts = [json.dumps(resource).encode() for resource in resources]

    def read() -> Iterator[Piece]:
        for number, text in enumerate(texts, start=1):
            yield Piece(f"line {number}", text, number)

    return Source(name, len(texts), read)


def patients(*ids: str) -> list[dict[str, Any]]:
    return [{"resourceType": "Patient", "id": each} for each in ids]


def ids_of(changes: Sequence[Change]) -> list[str]:
    return [change.id for change in changes]


async def run(
    preparation: Preparation,
    write: Write,
    *sources: Source,
    options: LoadOptions | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> LoadReport:
    target = Target(preparation.content_now, write)
    return await load(sources, target, progress=progress, options=options or LoadOptions())


async def test_everything_is_written_in_batches_and_in_order(preparation: Preparation) -> None:
    sets: list[list[str]] = []

    async def write(changes: Sequence[Change]) -> list[Effect]:
        sets.append(ids_of(changes))
        return [Effect.CREATED for _ in changes]

    report = await run(preparation, write, source(*patients(*"abcde")), options=LoadOptions(batch_size=2))
    assert sets == [["a", "b"], ["c", "d"], ["e"]]
    assert (report.stored, report.unchanged, report.refused, report.complete) == (5, 0, 0, True)


async def test_long_resources_make_smaller_batches(preparation: Preparation) -> None:
    sets: list[list[str]] = []

    async def write(changes: Sequence[Change]) -> list[Effect]:
        sets.append(ids_of(changes))
        return [Effect.CREATED for _ in changes]

    names = [{"text": "x" * 750_000}] * 4
    long = [{**patient, "name": names} for patient in patients("a", "b", "c")]
    await run(preparation, write, source(*long))
    assert sets == [["a", "b"], ["c"]]


async def test_a_resource_with_an_id_is_put_and_one_without_is_posted_as_new(preparation: Preparation) -> None:
    written: list[Change] = []

    async def write(changes: Sequence[Change]) -> list[Effect]:
        written.extend(changes)
        return [Effect.CREATED for _ in changes]

    await run(preparation, write, source({"resourceType": "Patient"}, *patients("a")))
    assert [(change.method, change.new) for change in written] == [("POST", True), ("PUT", False)]


async def test_effects_are_counted_for_each_source(preparation: Preparation) -> None:
    async def write(changes: Sequence[Change]) -> list[Effect]:
        return [Effect.UNCHANGED if change.id == "old" else Effect.UPDATED for change in changes]

    report = await run(preparation, write, source(*patients("old", "a")), source(*patients("b"), name="more.ndjson"))
    assert [(each.name, each.stored, each.unchanged) for each in report.sources] == [
        ("patients.ndjson", 1, 1),
        ("more.ndjson", 1, 0),
    ]


async def test_an_invalid_resource_is_refused_with_its_place_and_the_rest_goes_in(
    preparation: Preparation,
) -> None:
    async def write(changes: Sequence[Change]) -> list[Effect]:
        return [Effect.CREATED for _ in changes]

    wrong = {"resourceType": "Patient", "gender": "x", "nickname": "Secret"}
    report = await run(preparation, write, source(*patients("a"), wrong, *patients("b")))
    assert (report.stored, report.refused, report.complete) == (2, 1, False)
    [refusal] = report.sources[0].reasons
    assert refusal.locator == "line 2"
    assert ("Patient.nickname",) in [issue.expression for issue in refusal.issues]
    assert all("Secret" not in issue.diagnostics for issue in refusal.issues)


async def test_a_resource_at_fault_is_found_and_the_rest_of_its_batch_goes_in(preparation: Preparation) -> None:
    stored: list[str] = []

    async def write(changes: Sequence[Change]) -> list[Effect]:
        if any(change.id in ("bad", "worse") for change in changes):
            raise Conflict("The version cannot follow.")
        stored.extend(ids_of(changes))
        return [Effect.CREATED for _ in changes]

    report = await run(preparation, write, source(*patients("a", "bad", "c", "d", "e", "worse", "g")))
    assert sorted(stored) == ["a", "c", "d", "e", "g"]
    assert (report.stored, report.refused) == (5, 2)
    assert [refusal.locator for refusal in report.sources[0].reasons] == ["line 2", "line 6"]


async def test_only_the_first_reasons_are_kept_and_all_refusals_counted(preparation: Preparation) -> None:
    async def write(changes: Sequence[Change]) -> list[Effect]:
        return [Effect.CREATED for _ in changes]

    wrong = [{"resourceType": "Patient", "gender": 1}] * (MAX_REASONS + 5)
    report = await run(preparation, write, source(*wrong))
    assert report.refused == MAX_REASONS + 5
    assert len(report.sources[0].reasons) == MAX_REASONS


async def test_a_source_that_cannot_be_read_on_is_reported_and_the_next_one_is_loaded(
    preparation: Preparation,
) -> None:
    async def write(changes: Sequence[Change]) -> list[Effect]:
        return [Effect.CREATED for _ in changes]

    def read() -> Iterator[Piece]:
        yield Piece("line 1", b'{"resourceType":"Patient","id":"a"}', 1)
        raise Invalid("The file is damaged.")

    report = await run(preparation, write, Source("cut.ndjson.gz", 9, read), source(*patients("b")))
    assert [(each.stored, each.refused) for each in report.sources] == [(1, 1), (1, 0)]
    assert report.sources[0].reasons[0].issues[0].diagnostics == "The file is damaged."


async def test_a_write_without_capacity_is_tried_again_after_the_pause_it_asks_for(
    preparation: Preparation,
) -> None:
    answers = [Overloaded("Busy.", retry_after=1), Overloaded("Busy.", retry_after=60)]
    pauses: list[float] = []

    async def write(changes: Sequence[Change]) -> list[Effect]:
        if answers:
            raise answers.pop(0)
        return [Effect.CREATED for _ in changes]

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    report = await run(preparation, write, source(*patients("a")), options=LoadOptions(pause=pause))
    assert report.stored == 1
    assert pauses == [1, 5]


async def test_loading_ends_with_the_error_where_the_database_stays_away(preparation: Preparation) -> None:
    async def write(_: Sequence[Change]) -> list[Effect]:
        raise Overloaded("The database cannot be reached; try again shortly.")

    async def pause(_: float) -> None:
        return

    with pytest.raises(Overloaded, match="cannot be reached"):
        await run(preparation, write, source(*patients("a")), options=LoadOptions(pause=pause))


async def test_a_fault_of_our_own_passes_as_it_is(preparation: Preparation) -> None:
    async def write(_: Sequence[Change]) -> list[Effect]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await run(preparation, write, source(*patients("a")))


async def test_no_more_writes_than_allowed_are_under_way(preparation: Preparation) -> None:
    under_way, most = 0, 0

    async def write(changes: Sequence[Change]) -> list[Effect]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(5):
            await asyncio.sleep(0)
        under_way -= 1
        return [Effect.CREATED for _ in changes]

    many = patients(*(f"p{number}" for number in range(20)))
    await run(preparation, write, source(*many), options=LoadOptions(batch_size=1, concurrency=3))
    assert most == 3


async def test_versions_of_one_resource_in_several_batches_are_written_in_turn(
    preparation: Preparation,
) -> None:
    events: list[str] = []

    async def write(changes: Sequence[Change]) -> list[Effect]:
        names = "".join(ids_of(changes))
        events.append(f"begin {names}")
        for _ in range(5):
            await asyncio.sleep(0)
        events.append(f"end {names}")
        return [Effect.UPDATED for _ in changes]

    await run(preparation, write, source(*patients("a", "b", "a")), options=LoadOptions(batch_size=1))
    assert events.index("end a") < len(events) - 1 - events[::-1].index("begin a")
    assert events.index("begin b") < events.index("end a")


async def test_progress_grows_to_the_whole(preparation: Preparation) -> None:
    told: list[Progress] = []

    async def write(changes: Sequence[Change]) -> list[Effect]:
        return [Effect.CREATED for _ in changes]

    wrong = {"resourceType": "Patient", "gender": 1}
    first = source(*patients("a", "b"), wrong)
    second = source(*patients("c"), name="more.ndjson")
    options = LoadOptions(batch_size=1)
    await run(preparation, write, first, second, options=options, progress=told.append)
    assert told == sorted(told, key=lambda each: (each.position, each.resources))
    assert told[-1] == Progress(resources=4, position=4)


async def test_references_that_stay_open_are_counted(preparation: Preparation) -> None:
    async def write(changes: Sequence[Change]) -> list[Effect]:
        return [Effect.CREATED for _ in changes]

    links = [{"other": {"reference": "Patient?identifier=1"}, "type": "seealso"}]
    managing = {"reference": "urn:uuid:nowhere"}
    open_ended = {"resourceType": "Patient", "link": links, "managingOrganization": managing}
    report = await run(preparation, write, source(open_ended))
    assert (report.sources[0].unresolved, report.sources[0].conditional) == (1, 1)


async def test_an_entry_that_asks_for_a_deletion_is_refused_and_the_rest_goes_in(preparation: Preparation) -> None:
    async def write(changes: Sequence[Change]) -> list[Effect]:
        return [Effect.CREATED for _ in changes]

    deletion = {"request": {"method": "DELETE", "url": "Patient/a"}}
    creation = {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [deletion, creation]}
    report = await run(preparation, write, source(bundle))
    assert (report.stored, report.refused) == (1, 1)
    assert report.sources[0].reasons[0].locator == "line 1, Bundle.entry[0]"
