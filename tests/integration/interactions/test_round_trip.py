"""Properties of resources that are written and read, and of their version numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_server.core.context import Context
from fhir_server.core.json import members
from fhir_server.definitions import Definitions
from fhir_server.definitions.checks import resource_type as named_type
from fhir_server.interactions.change import Change, Effect
from fhir_server.interactions.create import create
from fhir_server.interactions.history import history
from fhir_server.interactions.read import read
from fhir_server.interactions.services import Services
from fhir_server.interactions.update import update
from fhir_server.interactions.vread import vread
from fhir_server.interactions.write import write
from fhir_server.storage.selection import History
from tests.factories import put, removal
from tests.strategies import resource_texts

SET_BY_THE_SERVER = ("versionId", "lastUpdated", "_versionId", "_lastUpdated")
DISTINCT = ("tag", "security", "profile")

MANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def parts(text: bytes) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the exact texts of a resource's elements but id and meta, and those of meta that stay as they are."""
    found = members(msgspec.json.format(text, indent=-1))
    found.pop("id", None)
    meta = found.pop("meta", msgspec.Raw(b"{}"))
    kept = {name: bytes(raw) for name, raw in members(meta).items() if name not in SET_BY_THE_SERVER + DISTINCT}
    return {name: bytes(raw) for name, raw in found.items()}, kept


@MANY
@given(data=st.data())
async def test_any_valid_resource_survives_a_write_and_a_read_byte_for_byte(
    services: Services, context: Context, definitions: Definitions, data: st.DataObject
) -> None:
    text = data.draw(resource_texts(definitions))
    resource_type = named_type(text)
    created = (await create(services, context, resource_type, text)).version
    assert created is not None
    stored = await read(services, context, resource_type, created.id)
    assert stored == created
    assert parts(stored.text()) == parts(text)
    assert list(parts(stored.text())[0]) == list(parts(text)[0])
    assert (await vread(services, context, resource_type, created.id, "1")).text() == stored.text()
    unchanged = await update(services, context, resource_type, created.id, stored.text())
    assert unchanged.decision.effect is Effect.UNCHANGED


@dataclass
class Model:
    """What the versions of one resource should be: True for each that is a deletion."""

    versions: list[bool] = field(default_factory=list)
    family: str | None = None

    def expect(self, family: str | None) -> tuple[Effect, int]:
        """Return the effect of storing `family`, or of deleting where it is None."""
        effect = self._effect(family)
        if effect in (Effect.CREATED, Effect.UPDATED, Effect.DELETED):
            self.versions.append(family is None)
            self.family = family
        return effect, len(self.versions)

    def _effect(self, family: str | None) -> Effect:
        gone = not self.versions or self.versions[-1]
        if family is None:
            return Effect.ABSENT if gone else Effect.DELETED
        if gone:
            return Effect.CREATED
        return Effect.UNCHANGED if family == self.family else Effect.UPDATED


STEPS = st.tuples(st.sampled_from(["a", "b", "c"]), st.none() | st.sampled_from(["Lima", "Reis"]))


@MANY
@given(sets=st.lists(st.lists(STEPS, min_size=1, max_size=6), max_size=6))
async def test_version_numbers_have_no_gap_whatever_is_done_in_sets(
    services: Services, new_tenants: Iterator[Context], sets: list[list[tuple[str, str | None]]]
) -> None:
    context = next(new_tenants)
    models = {name: Model() for name in ("a", "b", "c")}
    for steps in sets:
        changes: list[Change] = []
        expected = []
        for name, family in steps:
            changes.append(removal(name) if family is None else put(services, name, family))
            expected.append(models[name].expect(family))
        results = await write(services, context, changes)
        assert [(result.decision.effect, result.decision.version) for result in results] == expected
    for name, model in models.items():
        if not model.versions:
            continue
        page = await history(services, context, History(limit=100, type="Patient", id=name))
        found = [(version.version, version.deleted) for version in reversed(page.versions)]
        assert found == list(enumerate(model.versions, start=1))
        times = [version.last_updated for version in reversed(page.versions)]
        assert times == sorted(set(times))
