"""https://hl7.org/fhir/R4/validation.html against the official examples and the Synthea bundles."""

import pytest

from fhir_server.core.errors import Invalid
from fhir_server.core.json import canonical
from fhir_server.definitions import load_definitions
from fhir_server.validation.structure import StructuralValidator
from tests.conformance.material import needs_material, official_examples, synthea_resources

pytestmark = needs_material

# Three official examples lack elements of cardinality 1..1; where an example and the text of R4 differ, the text wins.
LACKING = {
    "ImplementationGuide-fhir.json": {"ImplementationGuide.name", "ImplementationGuide.status"},
    "ig-r4.json": {"ImplementationGuide.name", "ImplementationGuide.status"},
    "Questionnaire-qs1.json": {"linkId"},
}


@pytest.fixture(scope="module")
def validator() -> StructuralValidator:
    return StructuralValidator(load_definitions())


def test_official_examples_are_accepted_and_keep_every_number(validator: StructuralValidator) -> None:
    refused, accepted = {}, 0
    for name, text in official_examples():
        try:
            decoded = validator.decode(text)
        except Invalid as error:
            refused[name] = error.issues
            continue
        accepted += 1
        assert canonical(decoded.text) == canonical(text), name
    assert set(refused) == set(LACKING)
    assert accepted == 716 - len(LACKING)


def test_official_examples_that_are_refused_lack_required_elements(validator: StructuralValidator) -> None:
    for name, text in official_examples():
        if name in LACKING:
            issues = validator.issues(text)
            assert {issue.code for issue in issues} == {"required"}
            places = {place for issue in issues for place in issue.expression}
            assert {place.rpartition(".")[2] for place in places} == {n.rpartition(".")[2] for n in LACKING[name]}


def test_the_walk_finds_no_fault_with_what_the_decoder_accepts(validator: StructuralValidator) -> None:
    faulty = [name for name, text in official_examples() if name not in LACKING and validator.issues(text)]
    assert not faulty


def test_all_synthea_resources_are_accepted(validator: StructuralValidator) -> None:
    count = 0
    for text in synthea_resources():
        assert validator.decode(text).text == text
        count += 1
    assert count > 20_000
