import hashlib
import threading
from pathlib import Path

import pytest
from msgspec import Struct

from fhir_server.core.data import data_folder
from fhir_server.definitions import Definitions, load_definitions
from fhir_server.definitions.model import Binding, ElementType, Invariant


def test_the_definitions_are_those_of_r4(definitions: Definitions) -> None:
    assert definitions.fhir_version == "4.0.1"
    assert len(definitions.resource_types) == 146
    assert list(definitions.resource_types) == sorted(definitions.resource_types)
    assert {"Patient", "AuditEvent", "Parameters"} < set(definitions.resource_types)
    assert {"Resource", "DomainResource"}.isdisjoint(definitions.resource_types)
    assert {"HumanName", "code", "Element"} < definitions.datatypes


def test_every_concrete_type_but_parameters_is_stored(definitions: Definitions) -> None:
    assert set(definitions.resource_types) - set(definitions.stored_types) == {"Parameters"}


def test_the_digest_is_that_of_the_manifest_and_with_it_of_all_artefacts(definitions: Definitions) -> None:
    manifest = data_folder("profiles") / "r4" / "manifest.json"
    assert definitions.digest == hashlib.sha256(manifest.read_bytes()).hexdigest()


def test_a_type_tells_its_elements_with_their_facts(definitions: Definitions) -> None:
    elements = {element.path: element for element in definitions.type("Observation").elements}
    status, subject = elements["Observation.status"], elements["Observation.subject"]
    assert (status.min, status.max, status.summary, status.modifier) == (1, "1", True, True)
    assert status.types == (ElementType("code"),)
    assert status.binding == Binding("required", "http://hl7.org/fhir/ValueSet/observation-status|4.0.1")
    assert subject.types == (ElementType("Reference", ("Patient", "Group", "Device", "Location")),)
    assert [kind.code for kind in elements["Observation.effective[x]"].types] == [
        "dateTime", "Period", "Timing", "instant",
    ]  # fmt: skip
    assert elements["Observation.component.referenceRange"].content_reference == "Observation.referenceRange"


def test_an_invariant_is_told_where_it_is_defined(definitions: Definitions) -> None:
    assert definitions.type("Element").elements[0].invariants == (
        Invariant("ele-1", "error", "hasValue() or (children().count() > id.count())"),
    )
    observation = definitions.type("Observation").elements[0]
    assert [invariant.key for invariant in observation.invariants] == ["obs-6", "obs-7"]
    narrative = {i.key: i for i in definitions.type("DomainResource").elements[0].invariants}["dom-6"]
    assert (narrative.severity, narrative.best_practice) == ("warning", True)


def test_a_primitive_tells_its_pattern_and_limits(definitions: Definitions) -> None:
    assert definitions.type("id").pattern == r"[A-Za-z0-9\-\.]{1,64}"
    assert definitions.type("string").max_length == 2**20
    assert definitions.type("integer").min_value_integer == -(2**31)
    assert definitions.type("markdown").base == "string"


def test_inheritance_and_abstractness_are_known(definitions: Definitions) -> None:
    assert definitions.type("Patient").base == "DomainResource"
    assert definitions.type("Bundle").base == "Resource"
    assert definitions.type("Age").base == "Quantity"
    assert definitions.type("DomainResource").abstract
    assert not definitions.type("Patient").abstract
    assert definitions.type("Resource").base is None


@pytest.mark.parametrize("ask", ["type", "shape", "struct", "decoder", "search_parameters"])
def test_a_name_that_r4_does_not_have_is_a_key_error(definitions: Definitions, ask: str) -> None:
    with pytest.raises(KeyError):
        getattr(definitions, ask)("Chimera")


@pytest.mark.parametrize("name", ["DomainResource", "Resource", "HumanName", "Patient.contact"])
def test_only_concrete_resource_types_have_a_decoder(definitions: Definitions, name: str) -> None:
    with pytest.raises(KeyError):
        definitions.decoder(name)


def test_summary_elements_are_told_by_their_json_names(definitions: Definitions) -> None:
    patient = definitions.summary_elements("Patient")
    assert {"id", "meta", "name", "deceasedBoolean", "deceasedDateTime", "link"} < patient
    assert {"text", "contact", "photo", "maritalStatus", "deceased"}.isdisjoint(patient)
    assert definitions.summary_elements("Patient.link") == {"other", "type", "modifierExtension"}
    assert "referenceRange" not in definitions.summary_elements("Observation.component")


def test_mandatory_elements_are_told_by_their_json_names(definitions: Definitions) -> None:
    assert definitions.mandatory_elements("Patient") == frozenset()
    assert definitions.mandatory_elements("Observation") == {"status", "code"}
    medication = definitions.mandatory_elements("MedicationRequest")
    assert medication == {"status", "intent", "subject", "medicationReference", "medicationCodeableConcept"}


def test_a_choice_has_a_json_name_for_each_type(definitions: Definitions) -> None:
    names = definitions.json_names("Patient")
    assert names["deceased"] == ("deceasedBoolean", "deceasedDateTime")
    assert names["name"] == ("name",)


def test_search_parameters_of_a_type_include_those_of_its_base_types(definitions: Definitions) -> None:
    parameters = definitions.search_parameters("Observation")
    assert {"_id", "_lastUpdated", "_text", "code", "patient", "code-value-quantity"} < set(parameters)
    assert "_text" not in definitions.search_parameters("Bundle")
    assert parameters["subject"].target == ("Group", "Device", "Patient", "Location")
    assert (parameters["date"].type, parameters["_id"].expression) == ("date", "Resource.id")
    composite = parameters["code-value-quantity"]
    assert composite.multiple_or is False
    assert [part.expression for part in composite.component] == ["code", "value.as(Quantity)"]


def test_a_code_names_one_search_parameter_of_a_type(definitions: Definitions) -> None:
    for name in definitions.resource_types:
        own = [p.code for p in definitions.all_search_parameters if name in p.base]
        assert len(own) == len(set(own)), name


def test_compartments_tell_their_members(definitions: Definitions) -> None:
    assert set(definitions.compartments) == {"Patient", "Encounter", "RelatedPerson", "Practitioner", "Device"}
    members = definitions.compartment("Patient").members
    assert members["Observation"] == ("subject", "performer")
    assert "Organization" not in members


def test_operations_tell_where_they_are_called_and_with_what(definitions: Definitions) -> None:
    expand = next(each for each in definitions.operations if each.code == "expand")
    assert (expand.system, expand.type, expand.instance, expand.resource) == (False, True, True, ("ValueSet",))
    count = next(each for each in expand.parameters if each.name == "count")
    assert (count.use, count.min, count.max, count.type) == ("in", 0, "1", "integer")
    lookup = next(each for each in definitions.operations if each.code == "lookup")
    parts = next(each for each in lookup.parameters if each.name == "property" and each.use == "out").parts
    assert [part.name for part in parts] == ["code", "value", "description", "subproperty"]


def test_threads_that_ask_at_once_get_the_same_struct() -> None:
    definitions = load_definitions()
    start = threading.Barrier(8)
    found: list[type[Struct]] = []

    def ask() -> None:
        start.wait()
        definitions.decoder("Observation").decode(b'{"status":"final","code":{"text":"a"}}')
        found.append(definitions.struct("Observation"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_folder_without_artefacts_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_definitions(tmp_path)
