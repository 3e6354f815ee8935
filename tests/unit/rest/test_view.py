import json
from collections.abc import Mapping

import pytest

from fhir_server.core.errors import Invalid
from fhir_server.definitions import Definitions
from fhir_server.rest.view import PLAIN, View, view_of

PATIENT = b'{"resourceType":"Patient","id":"a","active":true,"gender":"male","contact":[{"gender":"male"}]}'


def asked(definitions: Definitions, query: Mapping[str, tuple[str, ...]], *, bundle: bool = False) -> View:
    return view_of(query, definitions, resource_type="Patient", bundle=bundle)


def test_without_parameters_everything_is_shown_as_it_is(definitions: Definitions) -> None:
    assert asked(definitions, {}) is PLAIN
    assert PLAIN.shown(PATIENT, definitions) == PLAIN.formatted(PATIENT) == PATIENT
    assert not PLAIN.counts_only


def test_pretty_indents_and_changes_no_value(definitions: Definitions) -> None:
    view = asked(definitions, {"_pretty": ("true",)})
    assert view.formatted(b'{"a":[1.50]}') == b'{\n  "a": [\n    1.50\n  ]\n}'
    assert view.shown(PATIENT, definitions) == PATIENT
    assert view.formatted(b"") == b""


def test_elements_of_several_parameters_are_shown_together(definitions: Definitions) -> None:
    view = asked(definitions, {"_elements": ("active", "gender")})
    shown = json.loads(view.shown(PATIENT, definitions))
    assert shown.keys() == {"resourceType", "id", "meta", "active", "gender"}


def test_a_count_shows_no_entries(definitions: Definitions) -> None:
    assert asked(definitions, {"_summary": ("count",)}, bundle=True).counts_only
    assert not asked(definitions, {"_summary": ("true",)}, bundle=True).counts_only


@pytest.mark.parametrize(
    "query",
    [{"_pretty": ("yes",)}, {"_pretty": ("true", "true")}, {"_summary": ("all",)}, {"_summary": ("true", "false")}],
)
def test_values_that_a_parameter_does_not_take_are_refused(
    definitions: Definitions, query: dict[str, tuple[str, ...]]
) -> None:
    with pytest.raises(Invalid):
        asked(definitions, query)
