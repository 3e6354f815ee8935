"""Loading: read, validate and store many resources, in batches that are written side by side.

What cannot be stored is refused with its place and its reasons, and the rest goes in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from fhir_server.bulk.bundle import Candidate, Rejected, candidates
from fhir_server.bulk.report import LoadReport, SourceReport
from fhir_server.bulk.sources import Source
from fhir_server.bulk.target import Target
from fhir_server.core.errors import FhirError, Invalid, Overloaded
from fhir_server.interactions.change import Change, Effect

_ATTEMPTS = 5
_LONGEST_PAUSE = 5
_BATCH_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Progress:
    """How far loading is: resources dealt with, and how much of the sources' sizes is done."""

    resources: int
    position: int


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """At most `batch_size` resources are written in one transaction, `concurrency` transactions at once.

    `pause` waits for as many seconds before a write is tried again for which the server had no capacity.
    """

    batch_size: int = 200
    concurrency: int = 4
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


_DEFAULTS = LoadOptions()


async def load(
    sources: Sequence[Source],
    target: Target,
    *,
    progress: Callable[[Progress], None],
    options: LoadOptions = _DEFAULTS,
) -> LoadReport:
    """Store everything that `sources` hold and return what became of it.

    Of two versions of one resource the one that is read last is stored last. Raises Overloaded where the
    database stays away or without capacity: what was stored by then stays, and loading again goes on from
    there.
    """
    loading = _Loading(target, progress, options)
    reports = tuple(SourceReport(source.name) for source in sources)
    try:
        async with asyncio.TaskGroup() as tasks:
            for batch in loading.batches(sources, reports):
                await loading.wait_for_turn(batch)
                loading.begin(tasks, batch)
                # Reading and validating the next batch would keep the writes from going on.
                await asyncio.sleep(0)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    loading.tell(sum(source.size for source in sources))
    return LoadReport(reports)


@dataclass(frozen=True, slots=True)
class _Item:
    report: SourceReport
    locator: str
    change: Change
    length: int
    position: int

    @property
    def key(self) -> tuple[str, str]:
        return self.change.type, self.change.id


_Batch = list[_Item]


@dataclass(slots=True)
class _Loading:
    target: Target
    progress: Callable[[Progress], None]
    options: LoadOptions
    dealt_with: int = 0
    position: int = 0
    under_way: dict[asyncio.Task[None], frozenset[tuple[str, str]]] = field(default_factory=dict)

    def batches(self, sources: Sequence[Source], reports: Sequence[SourceReport]) -> Iterator[_Batch]:
        batch: _Batch = []
        length = 0
        for item in self._items(sources, reports):
            batch.append(item)
            length += item.length
            if len(batch) == self.options.batch_size or length >= _BATCH_BYTES:
                yield batch
                batch, length = [], 0
        if batch:
            yield batch

    async def wait_for_turn(self, batch: _Batch) -> None:
        """Return when there is room for another write and no write under way has a resource of this one."""
        keys = {item.key for item in batch}
        while len(self.under_way) >= self.options.concurrency or any(
            not keys.isdisjoint(others) for others in self.under_way.values()
        ):
            await asyncio.wait(self.under_way, return_when=asyncio.FIRST_COMPLETED)

    def begin(self, tasks: asyncio.TaskGroup, batch: _Batch) -> None:
        task = tasks.create_task(self._store(batch))
        self.under_way[task] = frozenset(item.key for item in batch)
        task.add_done_callback(self.under_way.pop)

    def tell(self, position: int) -> None:
        self.position = max(self.position, position)
        self.progress(Progress(self.dealt_with, self.position))

    def _items(self, sources: Sequence[Source], reports: Sequence[SourceReport]) -> Iterator[_Item]:
        start = 0
        for source, report in zip(sources, reports, strict=True):
            for found, position in _read(source, report):
                item = self._prepare(found, report, start + position)
                if item is None:
                    self.dealt_with += 1
                else:
                    yield item
            start += source.size

    def _prepare(self, found: Candidate | Rejected, report: SourceReport, position: int) -> _Item | None:
        if isinstance(found, Rejected):
            report.refuse(found.locator, found.error.issues)
            return None
        try:
            content = self.target.prepare(found.type, found.data)
        except FhirError as error:
            report.refuse(found.locator, error.issues)
            return None
        report.unresolved += found.unresolved
        report.conditional += found.conditional
        method = "POST" if found.made else "PUT"
        change = Change(method, found.type, found.id, content, new=found.made)
        return _Item(report, found.locator, change, len(found.data), position)

    async def _store(self, batch: _Batch) -> None:
        await self._apply(batch)
        self.dealt_with += len(batch)
        self.tell(batch[-1].position)

    async def _apply(self, items: _Batch) -> None:
        """Write the items together; where the set is refused, in halves, until what is at fault is alone."""
        try:
            effects = await self._write([item.change for item in items])
        except Overloaded:
            raise
        except FhirError as error:
            if len(items) == 1:
                items[0].report.refuse(items[0].locator, error.issues)
                return
            middle = len(items) // 2
            await self._apply(items[:middle])
            await self._apply(items[middle:])
            return
        for item, effect in zip(items, effects, strict=True):
            if effect is Effect.UNCHANGED:
                item.report.unchanged += 1
            else:
                item.report.stored += 1

    async def _write(self, changes: Sequence[Change]) -> Sequence[Effect]:
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self.target.write(changes)
            except Overloaded as error:
                await self.options.pause(min(error.retry_after, _LONGEST_PAUSE))
        return await self.target.write(changes)


def _read(source: Source, report: SourceReport) -> Iterator[tuple[Candidate | Rejected, int]]:
    """Yield what the source holds and how much of its size is done with each; report where reading fails."""
    before = 0
    try:
        for piece in source.read():
            for found in candidates(piece.locator, piece.data):
                share = found.share if isinstance(found, Candidate) else 0
                yield found, before + round(share * (piece.position - before))
            before = piece.position
    except Invalid as error:
        report.refuse("", error.issues)
