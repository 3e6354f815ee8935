import msgspec
import pytest
from msgspec import UNSET

from fhir_server.definitions import Definitions


def test_fields_are_named_as_in_json(definitions: Definitions) -> None:
    fields = definitions.struct("Encounter").__struct_fields__
    assert {"class", "status", "_status", "period", "contained"} < set(fields)
    assert {"_class", "_id", "_period", "resourceType"}.isdisjoint(fields)


def test_what_is_absent_is_unset_and_null_is_no_value(definitions: Definitions) -> None:
    decoder = definitions.decoder("Patient")
    assert decoder.decode(b'{"resourceType":"Patient"}').gender is UNSET  # type: ignore[attr-defined]
    with pytest.raises(msgspec.ValidationError):
        decoder.decode(b'{"resourceType":"Patient","gender":null}')


def test_datatypes_are_shared_between_types(definitions: Definitions) -> None:
    patient = definitions.decoder("Patient").decode(b'{"name":[{"text":"a"}]}')
    person = definitions.decoder("Person").decode(b'{"name":[{"text":"a"}]}')
    assert type(patient.name[0]) is type(person.name[0]) is definitions.struct("HumanName")  # type: ignore[attr-defined]


def test_elements_that_refer_to_another_share_its_struct(definitions: Definitions) -> None:
    item = b'{"linkId":"1","type":"group","item":[{"linkId":"2","type":"display"}]}'
    found = definitions.decoder("Questionnaire").decode(b'{"status":"draft","item":[' + item + b"]}")
    outer = found.item[0]  # type: ignore[attr-defined]
    assert type(outer) is type(outer.item[0]) is definitions.struct("Questionnaire.item")


def test_every_type_has_a_decoder_that_accepts_its_least_form(definitions: Definitions) -> None:
    lacking = []
    for name in definitions.resource_types:
        try:
            definitions.decoder(name).decode(b'{"resourceType":"' + name.encode() + b'"}')
        except ValueError:
            lacking.append(name)
    assert {"Patient", "Bundle"} - set(lacking) == {"Patient"}
    assert all(definitions.mandatory_elements(name) for name in lacking)


def test_a_resource_without_a_resource_type_of_its_own_is_decoded_as_asked(definitions: Definitions) -> None:
    with pytest.raises(msgspec.ValidationError):
        definitions.decoder("Patient").decode(b'{"resourceType":"Person"}')
