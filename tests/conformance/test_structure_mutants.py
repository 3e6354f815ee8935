"""Every mutant of an official example is refused, and the fault is found where it was made."""

import random
from collections import Counter

import pytest

from fhir_server.core.errors import Invalid
from fhir_server.definitions import Definitions, load_definitions
from fhir_server.validation.parse import parse
from fhir_server.validation.structure import StructuralValidator
from tests.conformance.material import needs_material, official_examples
from tests.conformance.mutations import KINDS, Mutant, mutants
from tests.unit.validation.trees import json_text

pytestmark = needs_material

_LONGEST = 12_000
"""Bytes of the longest example that is mutated: longer ones hold nothing that others do not."""


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions()


@pytest.fixture(scope="module")
def made(definitions: Definitions) -> list[Mutant]:
    validator = StructuralValidator(definitions)
    found: list[Mutant] = []
    for name, text in official_examples():
        if len(text) <= _LONGEST and not validator.issues(text):
            found += mutants(parse(text, max_depth=100), definitions, random.Random(name))
    return found


def test_there_are_thousands_of_mutants_and_many_of_each_kind(made: list[Mutant]) -> None:
    counts = Counter(mutant.kind for mutant in made)
    assert len(made) > 5_000
    assert set(counts) == set(KINDS)
    assert min(counts.values()) > 20


def test_each_mutant_is_refused_at_the_place_of_its_mutation(definitions: Definitions, made: list[Mutant]) -> None:
    validator = StructuralValidator(definitions)
    wrong = []
    for mutant in made:
        text = json_text(mutant.content)
        try:
            validator.decode(text)
        except Invalid as refused:
            places = {place for issue in refused.issues for place in issue.expression}
            if mutant.expression not in places or places - {mutant.expression} - mutant.consequences:
                wrong.append((mutant.kind, mutant.expression, sorted(places)))
        else:
            wrong.append((mutant.kind, mutant.expression, ["accepted"]))
    assert not wrong, f"{len(wrong)} of {len(made)}: {wrong[:10]}"
