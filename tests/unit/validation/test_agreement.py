"""The fast path and the thorough walk must agree on every resource, sound or broken."""

import random
import re
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_server.core.errors import Invalid
from fhir_server.core.json import canonical
from fhir_server.core.outcome import Issue, IssueType, Severity
from fhir_server.definitions import Definitions
from fhir_server.validation.parse import Members, Number, parse
from fhir_server.validation.structure import StructuralValidator
from tests.unit.validation.trees import Maker, edit, json_text, places, shuffled

STRAY_VALUES: tuple[Any, ...] = (
    None, True, "", "a", " a", "2024-02-30", "AAA=A", Number("-0"), Number("1.0"), Number("1e400"), Number("7" * 201),
    Number("2147483648"), Members(), Members([("id", "a")]), Members([("extension", [])]), [], [None], ["a"],
    [Members()], [Members([("resourceType", "Basic")])],
)  # fmt: skip
STRAY_NAMES = ("id", "_id", "extension", "resourceType", "status", "_status", "valueString", "_valueString", "é", "")
seeds = st.integers(min_value=0, max_value=2**32)


def broken(value: Any, chance: random.Random) -> Any:
    """Return `value` with one change at a place found by chance, which may well leave it sound."""
    where = chance.choice(list(places(value)))

    def change(held: Any) -> Any:
        if isinstance(held, Members):
            return _changed_members(list(held), chance)
        if isinstance(held, list) and chance.random() < 0.7:
            position = chance.randint(0, len(held))
            return [*held[:position], chance.choice(STRAY_VALUES), *held[position + chance.randint(0, 1) :]]
        return chance.choice(STRAY_VALUES)

    return edit(value, where, change)


def _changed_members(members: list[tuple[str, Any]], chance: random.Random) -> Members:
    position = chance.randrange(len(members)) if members else 0
    name, held = members[position] if members else ("id", "a")
    changed = chance.choice(
        [
            [],
            [(name, held)] * 2,
            [(chance.choice(STRAY_NAMES), held)],
            [(name, held), (chance.choice(STRAY_NAMES), chance.choice(STRAY_VALUES))],
            [("_" + name, held)],
            [(name, held), ("_" + name, chance.choice(STRAY_VALUES))],
            [(name + "x", held)],
        ]
    )
    return Members([*members[:position], *changed, *members[position + 1 :]])


@settings(max_examples=100, deadline=None)
@given(seed=seeds)
def test_every_valid_resource_is_accepted_with_its_text_unchanged(
    definitions: Definitions, validator: StructuralValidator, seed: int
) -> None:
    made = Maker(definitions, random.Random(seed)).resource()
    text = json_text(made)
    decoded = validator.decode(text)
    assert validator.issues(text) == []
    assert decoded.text == text
    assert decoded.resource_type == made[0][1]
    if not re.search(rb"[:\[,]-0[,\]}]", text):
        assert canonical(msgspec.json.encode(decoded.resource)) == canonical(text)


@settings(max_examples=250, deadline=None)
@given(seed=seeds)
def test_what_the_fast_path_refuses_the_walk_explains_and_what_it_accepts_the_walk_accepts(
    definitions: Definitions, validator: StructuralValidator, seed: int
) -> None:
    chance = random.Random(seed)
    changed = broken(Maker(definitions, chance).resource(), chance)
    text = json_text(changed, ascii_only=chance.random() < 0.3)
    issues = validator.issues(text)
    assert refusal(validator, text) == issues


def refusal(validator: StructuralValidator, text: bytes) -> list[Issue]:
    """Return the issues with which the validator refuses `text`: none where it accepts it."""
    try:
        validator.decode(text)
    except Invalid as refused:
        return list(refused.issues) or [Issue(Severity.FATAL, IssueType.EXCEPTION, "refused without an issue")]
    return []


@settings(max_examples=50, deadline=None)
@given(seed=seeds)
def test_canonical_text_depends_on_the_values_alone(
    definitions: Definitions, validator: StructuralValidator, seed: int
) -> None:
    chance = random.Random(seed)
    made = Maker(definitions, chance).resource()
    text = json_text(made)
    other = json_text(shuffled(made, chance), ascii_only=True)
    spaced = msgspec.json.format(other, indent=3)
    assert validator.decode(text).canonical == validator.decode(other).canonical == validator.decode(spaced).canonical
    assert validator.decode(spaced).text == other


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_a_parsed_tree_writes_the_text_that_it_was_parsed_from(definitions: Definitions, seed: int) -> None:
    made = Maker(definitions, random.Random(seed)).resource("Patient")
    assert parse(json_text(made), max_depth=100) == made
