"""https://hl7.org/fhir/R4/json.html: every rule, with the place where a breach is told."""

from collections import Counter

import pytest

from fhir_server.core.errors import Invalid
from fhir_server.core.outcome import IssueType, Severity
from fhir_server.validation.structure import StructuralValidator

PATIENT = '{"resourceType":"Patient",%s}'
OBSERVATION = '{"resourceType":"Observation","status":"final","code":{"text":"a"},%s}'
FILTER = '{"resourceType":"CodeSystem","status":"draft","content":"complete","filter":[{"code":"a",%s}]}'
BUNDLE = '{"resourceType":"Bundle","type":"collection","entry":[%s]}'

STRUCTURE, REQUIRED, VALUE = IssueType.STRUCTURE, IssueType.REQUIRED, IssueType.VALUE
INVALID, TOO_LONG = IssueType.INVALID, IssueType.TOO_LONG

BREACHES = [
    # names
    (PATIENT, '"nome":"a"', STRUCTURE, "Patient.nome"),
    (PATIENT, '"name":[{"given":["a"],"nick":1}]', STRUCTURE, "Patient.name[0].nick"),
    (PATIENT, '"Maria da Silva":"a"', STRUCTURE, "Patient"),
    (PATIENT, '"":"a"', STRUCTURE, "Patient"),
    (PATIENT, '"_id":{"id":"a"}', STRUCTURE, "Patient._id"),
    (PATIENT, '"_name":[{"id":"a"}]', STRUCTURE, "Patient._name"),
    (PATIENT, '"text":{"status":"empty","div":"<div/>","_div":{"id":"a"}}', STRUCTURE, "Patient.text._div"),
    (PATIENT, '"extension":[{"url":"a","_url":{"id":"a"},"valueCode":"a"}]', STRUCTURE, "Patient.extension[0]._url"),
    (PATIENT, '"name":[{"resourceType":"HumanName","text":"a"}]', STRUCTURE, "Patient.name[0].resourceType"),
    (PATIENT, '"id":"a","id":"a"', STRUCTURE, "Patient.id"),
    (PATIENT, '"name":[{"text":"a","text":"b"}]', STRUCTURE, "Patient.name[0].text"),
    (PATIENT, '"resourceType":"Patient"', STRUCTURE, "Patient"),
    (PATIENT, '"birthDate":"2024","_birthDate":{"id":"a","id":"a"}', STRUCTURE, "Patient.birthDate.id"),
    # JSON types
    (PATIENT, '"active":"true"', STRUCTURE, "Patient.active"),
    (PATIENT, '"active":1', STRUCTURE, "Patient.active"),
    (PATIENT, '"gender":true', STRUCTURE, "Patient.gender"),
    (PATIENT, '"gender":["male"]', STRUCTURE, "Patient.gender"),
    (PATIENT, '"gender":{"code":"male"}', STRUCTURE, "Patient.gender"),
    (PATIENT, '"multipleBirthInteger":"1"', STRUCTURE, "Patient.multipleBirth"),
    (PATIENT, '"name":{"text":"a"}', STRUCTURE, "Patient.name"),
    (PATIENT, '"name":["a"]', STRUCTURE, "Patient.name[0]"),
    (PATIENT, '"maritalStatus":[{"text":"a"}]', STRUCTURE, "Patient.maritalStatus"),
    (PATIENT, '"_birthDate":"a"', STRUCTURE, "Patient.birthDate"),
    (PATIENT, '"_birthDate":[{"id":"a"}]', STRUCTURE, "Patient.birthDate"),
    (PATIENT, '"name":[{"_given":{"id":"a"}}]', STRUCTURE, "Patient.name[0].given"),
    (OBSERVATION, '"valueQuantity":{"value":"1.5"}', STRUCTURE, "Observation.value.value"),
    (OBSERVATION, '"valueQuantity":{"value":true}', STRUCTURE, "Observation.value.value"),
    (OBSERVATION, '"valueQuantity":{"value":{"a":1}}', STRUCTURE, "Observation.value.value"),
    # nothing where something should be
    (PATIENT, '"name":[]', STRUCTURE, "Patient.name"),
    (PATIENT, '"name":[{}]', STRUCTURE, "Patient.name[0]"),
    (PATIENT, '"maritalStatus":{}', STRUCTURE, "Patient.maritalStatus"),
    (PATIENT, '"_birthDate":{}', STRUCTURE, "Patient.birthDate"),
    (PATIENT, '"gender":null', STRUCTURE, "Patient.gender"),
    (PATIENT, '"maritalStatus":null', STRUCTURE, "Patient.maritalStatus"),
    (PATIENT, '"name":null', STRUCTURE, "Patient.name"),
    (PATIENT, '"name":[null]', STRUCTURE, "Patient.name[0]"),
    (PATIENT, '"contained":[null]', STRUCTURE, "Patient.contained[0]"),
    (PATIENT, '"gender":""', VALUE, "Patient.gender"),
    (PATIENT, '"name":[{"text":""}]', VALUE, "Patient.name[0].text"),
    # arrays of primitives and of their extensions
    (PATIENT, '"name":[{"given":[]}]', STRUCTURE, "Patient.name[0].given"),
    (PATIENT, '"name":[{"given":["a",null]}]', STRUCTURE, "Patient.name[0].given[1]"),
    (PATIENT, '"name":[{"_given":[null,{"id":"a"}]}]', STRUCTURE, "Patient.name[0].given[0]"),
    (PATIENT, '"name":[{"given":["a",null],"_given":[{"id":"a"},null]}]', STRUCTURE, "Patient.name[0].given[1]"),
    (PATIENT, '"name":[{"given":["a"],"_given":[null,{"id":"a"}]}]', STRUCTURE, "Patient.name[0].given"),
    (PATIENT, '"name":[{"given":["a","b"],"_given":[{"id":"a"}]}]', STRUCTURE, "Patient.name[0].given"),
    (PATIENT, '"name":[{"given":["a"],"_given":["b"]}]', STRUCTURE, "Patient.name[0].given[0]"),
    # cardinality
    (PATIENT, '"link":[{"type":"refer"}]', REQUIRED, "Patient.link[0].other"),
    (PATIENT, '"link":[{"other":{"display":"a"}}]', REQUIRED, "Patient.link[0].type"),
    (PATIENT, '"link":[{"other":{"display":"a"},"_type":{"id":"a"}}]', REQUIRED, "Patient.link[0].type"),
    (PATIENT, '"extension":[{"valueCode":"a"}]', REQUIRED, "Patient.extension[0].url"),
    (PATIENT, '"text":{"status":"empty"}', REQUIRED, "Patient.text.div"),
    (FILTER, '"value":"b","_code":{"id":"a"}', REQUIRED, "CodeSystem.filter[0].operator"),
    (FILTER, '"value":"b","_operator":[{"id":"a"}]', REQUIRED, "CodeSystem.filter[0].operator"),
    (FILTER, '"operator":["="],"_code":{"id":"a"}', REQUIRED, "CodeSystem.filter[0].value"),
    # choices
    (OBSERVATION, '"valueString":"a","valueBoolean":true', STRUCTURE, "Observation.value"),
    (OBSERVATION, '"valueString":"a","_valueBoolean":{"id":"a"}', STRUCTURE, "Observation.value"),
    (OBSERVATION, '"_valueString":{"id":"a"},"_valueBoolean":{"id":"a"}', STRUCTURE, "Observation.value"),
    (OBSERVATION, '"valueUri":"a"', STRUCTURE, "Observation.valueUri"),
    (OBSERVATION, '"value":"a"', STRUCTURE, "Observation.value"),
    (PATIENT, '"extension":[{"url":"a","valueCode":"a","valueUri":"a"}]', STRUCTURE, "Patient.extension[0].value"),
    # resources in resources
    (PATIENT, '"contained":[{"id":"a"}]', REQUIRED, "Patient.contained[0]"),
    (PATIENT, '"contained":[{"resourceType":"Chimera"}]', INVALID, "Patient.contained[0]"),
    (PATIENT, '"contained":[{"resourceType":"DomainResource"}]', INVALID, "Patient.contained[0]"),
    (PATIENT, '"contained":[{"resourceType":"HumanName"}]', INVALID, "Patient.contained[0]"),
    (PATIENT, '"contained":[{"resourceType":1}]', INVALID, "Patient.contained[0]"),
    (PATIENT, '"contained":["a"]', STRUCTURE, "Patient.contained[0]"),
    (PATIENT, '"contained":[{"resourceType":"Basic"}]', REQUIRED, "Patient.contained[0].code"),
    (BUNDLE, '{"resource":{"resourceType":"Patient","active":0}}', STRUCTURE, "Bundle.entry[0].resource.active"),
    (BUNDLE, '{"resource":[{"resourceType":"Patient"}]}', STRUCTURE, "Bundle.entry[0].resource"),
    # primitives
    (PATIENT, '"birthDate":"2023-02-29"', VALUE, "Patient.birthDate"),
    (PATIENT, '"birthDate":"24-01-01"', VALUE, "Patient.birthDate"),
    (PATIENT, '"id":"a b"', VALUE, "Patient.id"),
    (PATIENT, '"language":"pt  BR"', VALUE, "Patient.language"),
    (PATIENT, '"language":"pt\\t"', VALUE, "Patient.language"),
    (PATIENT, '"meta":{"profile":["a b"]}', VALUE, "Patient.meta.profile[0]"),
    (PATIENT, '"name":[{"text":"\\ud83d"}]', VALUE, "Patient.name[0].text"),
    (PATIENT, '"multipleBirthInteger":1.0', VALUE, "Patient.multipleBirth"),
    (PATIENT, '"multipleBirthInteger":2147483648', VALUE, "Patient.multipleBirth"),
    (PATIENT, '"telecom":[{"rank":0}]', VALUE, "Patient.telecom[0].rank"),
    (PATIENT, '"photo":[{"size":-0}]', VALUE, "Patient.photo[0].size"),
    (PATIENT, '"photo":[{"data":"AAA"}]', VALUE, "Patient.photo[0].data"),
    (OBSERVATION, '"valueQuantity":{"value":' + "1" * 201 + "}", TOO_LONG, "Observation.value.value"),
    (PATIENT, '"name":[{"text":"' + "a" * (2**20 + 1) + '"}]', TOO_LONG, "Patient.name[0].text"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "content", "code", "location"), BREACHES, ids=[f"{b[1][:50]}-{index}" for index, b in enumerate(BREACHES)]
)
def test_a_breach_is_told_with_code_and_location(
    validator: StructuralValidator, form: str, content: str, code: IssueType, location: str
) -> None:
    text = (form % content).encode()
    with pytest.raises(Invalid) as refused:
        validator.decode(text)
    (issue,) = refused.value.issues
    assert (issue.severity, issue.code, issue.expression) == (Severity.ERROR, code, (location,))
    assert validator.issues(text) == [issue]


SOUND = [
    (FILTER, '"value":"b","_operator":[{"id":"a"},{"extension":[{"url":"a","valueCode":"unknown"}]}]'),
    (PATIENT, '"_birthDate":{"extension":[{"url":"a","valueCode":"unknown"}]}'),
    (PATIENT, '"name":[{"given":["a",null],"_given":[null,{"id":"a"}]}]'),
    (PATIENT, '"name":[{"_given":[{"id":"a"}]}]'),
    (PATIENT, '"name":[{"text":"São \\u00e9 \\\\ \\" null {} [] \\u0022:"}]'),
    (PATIENT, '"multipleBirthInteger":-0'),
    (PATIENT, '"deceasedDateTime":"2024-02-29T23:59:60-03:00"'),
    (PATIENT, '"contained":[{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:a"}]}]'),
    (OBSERVATION, '"valueString":"a","_valueString":{"id":"a"}'),
    (OBSERVATION, '"valueQuantity":{"value":1e2}'),
    (
        '{"resourceType":"Observation","code":{"text":"a"},%s}',
        '"_status":{"extension":[{"url":"a","valueCode":"unknown"}]}',
    ),
    ('{"resourceType":"Parameters","parameter":[%s]}', '{"name":"a","resource":{"resourceType":"Patient"}}'),
    ('{"resourceType":"Encounter",%s}', '"status":"planned","class":{"code":"AMB"}'),
]  # fmt: skip


@pytest.mark.parametrize(("form", "content"), SOUND)
def test_what_the_rules_allow_is_accepted(validator: StructuralValidator, form: str, content: str) -> None:
    text = (form % content).encode()
    assert validator.issues(text) == []
    assert validator.decode(text).text == text


def test_every_issue_of_a_resource_is_told(validator: StructuralValidator) -> None:
    text = PATIENT % '"gender":1,"name":[{"given":[]},{}],"link":[{}],"birthDate":"x","birthDate":"y","a":1'
    places = Counter(issue.expression[0].removeprefix("Patient.") for issue in validator.issues(text.encode()))
    # The birth date is bad twice and given twice.
    expected = ["gender", "name[0].given", "name[1]", "link[0]", "link[0].other", "link[0].type", "a"]
    assert places == Counter([*expected, *["birthDate"] * 3])


def test_no_issue_repeats_a_value(validator: StructuralValidator) -> None:
    secret = "Quaresma"
    text = PATIENT % (
        f'"{secret} da Silva":1,"birthDate":"{secret}","gender":["{secret}"],"language":" {secret}",'
        f'"active":"{secret}","contained":[{{"resourceType":"{secret}"}}],"photo":[{{"data":"{secret}!"}}]'
    )
    issues = validator.issues(text.encode())
    assert len(issues) == 7
    assert secret not in repr(issues)


def test_a_choice_is_told_with_its_json_name_in_the_diagnostics(validator: StructuralValidator) -> None:
    (issue,) = validator.issues((PATIENT % '"deceasedBoolean":"yes"').encode())
    assert issue.expression == ("Patient.deceased",)
    assert issue.diagnostics == "deceasedBoolean must be a boolean, not a string"
