import json

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.terminologycapabilities import TerminologyCapabilities

from fhir_server import __version__
from fhir_server.core.errors import Invalid
from fhir_server.definitions import Definitions
from fhir_server.rest.capability_statement import (
    CapabilityOptions,
    Mode,
    capabilities,
    parse_mode,
    statement,
)
from fhir_server.rest.handlers import HANDLERS
from fhir_server.rest.places import INTERACTIONS
from fhir_server.validation.structure import StructuralValidator

BASE = "https://fhir.example.org/fhir"
DEFAULT = CapabilityOptions()


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("cors", [False, True])
def test_every_statement_is_valid(definitions: Definitions, mode: Mode, cors: bool) -> None:
    found = capabilities(definitions, CapabilityOptions(cors=cors), mode=mode, base_url=BASE)
    StructuralValidator(definitions).decode(found.text)
    model = TerminologyCapabilities if mode is Mode.TERMINOLOGY else CapabilityStatement
    assert model.model_validate_json(found.text).kind == "instance"


def test_the_text_that_is_sent_is_the_statement(definitions: Definitions) -> None:
    for mode in Mode:
        text = capabilities(definitions, DEFAULT, mode=mode, base_url=BASE).text
        assert json.loads(text) == statement(definitions, DEFAULT, mode=mode, base_url=BASE)


def test_the_statement_tells_who_answers_and_where(definitions: Definitions) -> None:
    found = statement(definitions, DEFAULT, base_url=BASE)
    assert found["url"] == f"{BASE}/metadata"
    assert found["implementation"]["url"] == BASE
    assert found["software"]["version"] == __version__
    assert found["fhirVersion"] == "4.0.1"
    assert {"json", "application/fhir+json"} <= set(found["format"])
    assert found["rest"][0]["mode"] == "server"


def test_without_an_address_nothing_names_one(definitions: Definitions) -> None:
    for mode in Mode:
        found = statement(definitions, DEFAULT, mode=mode)
        assert "url" not in found
        assert "url" not in found["implementation"]


def test_every_stored_type_is_stated_once_with_all_that_works(definitions: Definitions) -> None:
    rest = statement(definitions, DEFAULT)["rest"][0]
    assert [entry["type"] for entry in rest["resource"]] == list(definitions.stored_types)
    for entry in rest["resource"]:
        assert entry["profile"] == definitions.type(entry["type"]).url
        assert {each["code"] for each in entry["interaction"]} == {
            *("read", "vread", "update", "delete", "create", "history-instance", "history-type")
        }
        assert (entry["versioning"], entry["readHistory"], entry["updateCreate"]) == ("versioned", True, True)
        assert entry["conditionalRead"] == "full-support"
        assert "searchParam" not in entry
    assert rest["interaction"] == [{"code": "history-system"}]


def test_what_is_stated_is_what_is_handled(definitions: Definitions) -> None:
    rest = statement(definitions, DEFAULT)["rest"][0]
    stated = {each["code"] for entry in (rest, *rest["resource"]) for each in entry["interaction"]}
    assert stated | {"capabilities"} == set(HANDLERS)
    assert {code for place in INTERACTIONS.values() for code in place.values()} == set(HANDLERS)


def test_the_settings_show(definitions: Definitions) -> None:
    options = CapabilityOptions(update_create=False, versioned_update=frozenset({"Patient"}), cors=True)
    rest = statement(definitions, options)["rest"][0]
    versioning = {entry["type"]: entry["versioning"] for entry in rest["resource"]}
    assert versioning["Patient"] == "versioned-update"
    assert versioning["Observation"] == "versioned"
    assert not any(entry["updateCreate"] for entry in rest["resource"])
    assert rest["security"] == {"cors": True}
    everywhere = statement(definitions, CapabilityOptions(versioned_update=frozenset({"*"})))["rest"][0]
    assert {entry["versioning"] for entry in everywhere["resource"]} == {"versioned-update"}


def test_the_normative_mode_leaves_out_what_r4_marks_as_trial_use(definitions: Definitions) -> None:
    rest = statement(definitions, CapabilityOptions(cors=True), mode=Mode.NORMATIVE)["rest"][0]
    assert set(rest) == {"mode", "documentation", "resource", "interaction"}
    assert set(rest["resource"][0]) == {"type", "profile", "interaction"}


def test_the_tag_changes_with_what_is_said_and_with_nothing_else(definitions: Definitions) -> None:
    first = capabilities(definitions, DEFAULT, mode=Mode.FULL, base_url=BASE)
    assert capabilities(definitions, CapabilityOptions(), mode=Mode.FULL, base_url=BASE) is first
    others = [
        capabilities(definitions, DEFAULT, mode=Mode.NORMATIVE, base_url=BASE),
        capabilities(definitions, DEFAULT, mode=Mode.FULL, base_url="http://localhost/fhir"),
        capabilities(definitions, CapabilityOptions(update_create=False), mode=Mode.FULL, base_url=BASE),
    ]
    assert len({each.version_id for each in (first, *others)}) == 4


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, Mode.FULL), ("", Mode.FULL), ("full", Mode.FULL), ("normative", Mode.NORMATIVE)],
)
def test_the_mode_is_read(value: str | None, expected: Mode) -> None:
    assert parse_mode(value) is expected


def test_an_unknown_mode_is_invalid() -> None:
    with pytest.raises(Invalid, match="full, normative or terminology"):
        parse_mode("everything")
