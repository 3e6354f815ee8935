import msgspec
import pytest
from msgspec import UNSET

from fhir_server.core.errors import Invalid
from fhir_server.core.outcome import IssueType
from fhir_server.definitions import load_definitions
from fhir_server.validation.structure import StructuralValidator

PATIENT = b'{"resourceType":"Patient","id":"a","meta":{"versionId":"1"},"active":true}'


def quantity(number: str) -> bytes:
    """Return an Observation with `number` as its value."""
    text = '{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value":%s}}'
    return (text % number).encode()


def test_decoding_returns_type_struct_text_and_canonical_text(validator: StructuralValidator) -> None:
    decoded = validator.decode(b' { "resourceType" : "Patient", "active" : true, "id" : "a" } \n', "Patient")
    assert decoded.resource_type == "Patient"
    assert decoded.resource.id == "a"  # type: ignore[attr-defined]
    assert decoded.resource.gender is UNSET  # type: ignore[attr-defined]
    assert decoded.text == b'{"resourceType":"Patient","active":true,"id":"a"}'
    assert decoded.canonical == b'{"active":true}'


def test_canonical_text_leaves_out_type_id_and_meta(validator: StructuralValidator) -> None:
    assert validator.decode(PATIENT).canonical == b'{"active":true}'
    assert validator.decode(b'{"resourceType":"Patient","id":"b"}').canonical == b"{}"
    assert validator.decode(b'{"resourceType":"Patient"}').canonical == b"{}"


def test_canonical_text_keeps_type_id_and_meta_of_what_is_contained(validator: StructuralValidator) -> None:
    contained = b'"contained":[{"resourceType":"Patient","id":"a","meta":{"versionId":"1"}}]'
    decoded = validator.decode(b'{"resourceType":"Patient",' + contained + b"}")
    assert decoded.canonical == b"{" + contained + b"}"


@pytest.mark.parametrize("number", ["1.50", "1.5", "1e2", "1E2", "1e+2", "100", "-0.0", "-0", "0", "1." + "0" * 197])
def test_a_number_keeps_its_text(validator: StructuralValidator, number: str) -> None:
    decoded = validator.decode(quantity(number))
    assert decoded.text == quantity(number)
    assert f'"value":{number}}}'.encode() in decoded.canonical


def test_numbers_of_other_text_are_other_content(validator: StructuralValidator) -> None:
    texts = ["1.50", "1.5", "1e0", "1E0", "1", "1.0"]
    assert len({validator.decode(quantity(text)).canonical for text in texts}) == len(texts)


def test_an_integer_written_as_minus_zero_is_other_content_than_zero(validator: StructuralValidator) -> None:
    zero = validator.decode(b'{"resourceType":"Patient","id":"a","multipleBirthInteger":0,"active":true}')
    minus = validator.decode(b'{"resourceType":"Patient","id":"a","multipleBirthInteger":-0,"active":true}')
    again = validator.decode(b'{"resourceType":"Patient","active":true,"multipleBirthInteger":-0,"id":"b"}')
    assert minus.canonical == again.canonical != zero.canonical


def test_escapes_make_no_other_content_where_a_decimal_is_minus_zero(validator: StructuralValidator) -> None:
    plain = quantity("-0").replace(b'"text":"a"', b'"text":":-0,"')
    escaped = plain.replace(b":-0,", b"\\u003a-0,")
    assert validator.decode(plain).canonical == validator.decode(escaped).canonical


def test_contained_resources_are_structs_of_their_own_types(validator: StructuralValidator) -> None:
    decoded = validator.decode(
        b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":'
        b'{"resourceType":"Parameters","parameter":[{"name":"a","resource":{"resourceType":"Patient"}}]}}]}'
    )
    parameters = decoded.resource.entry[0].resource  # type: ignore[attr-defined]
    assert type(parameters).__name__ == "Parameters"
    assert type(parameters.parameter[0].resource).__name__ == "Patient"


def test_another_type_than_the_expected_one_is_refused(validator: StructuralValidator) -> None:
    with pytest.raises(Invalid) as refused:
        validator.decode(PATIENT, "Observation")
    (issue,) = refused.value.issues
    assert (issue.code, issue.expression) == (IssueType.INVALID, ("Observation",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b'{"id":"a"}', IssueType.REQUIRED),
        (b'{"resourceType":"Chimera","id":"a"}', IssueType.INVALID),
        (b'{"resourceType":null}', IssueType.INVALID),
        (b"{}", IssueType.REQUIRED),
        (b'"Patient"', IssueType.STRUCTURE),
    ],
)
def test_a_resource_without_a_known_type_is_refused(
    validator: StructuralValidator, text: bytes, code: IssueType
) -> None:
    with pytest.raises(Invalid) as refused:
        validator.decode(text)
    assert [issue.code for issue in refused.value.issues] == [code]


def test_a_missing_type_is_told_even_where_escapes_make_up_for_its_length(validator: StructuralValidator) -> None:
    escaped = b'"name":[{"text":"\\u0041\\u0041\\u0041\\u0041aaaaa"}]'
    with pytest.raises(Invalid) as refused:
        validator.decode(b"{" + escaped + b"}", "Patient")
    assert [issue.code for issue in refused.value.issues] == [IssueType.REQUIRED]


@pytest.mark.parametrize("repeated", [b'"active":true,"active":true', b'"active":false,"active":true'])
def test_a_name_given_twice_is_refused(validator: StructuralValidator, repeated: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        validator.decode(b'{"resourceType":"Patient",' + repeated + b"}")
    assert [issue.expression for issue in refused.value.issues] == [("Patient.active",)]


def test_a_name_given_twice_is_found_among_escaped_quotation_marks(validator: StructuralValidator) -> None:
    escaped = b'"name":[{"text":"\\":\\":\\\\","family":"\\u0022:"}]'
    assert validator.decode(b'{"resourceType":"Patient",' + escaped + b"}").text
    with pytest.raises(Invalid):
        validator.decode(b'{"resourceType":"Patient",' + escaped + b"," + escaped + b"}")


def nested(levels: int) -> bytes:
    """Return a Patient whose arrays and objects nest `levels` deep, an odd number."""
    below = (levels - 1) // 2
    return b'{"resourceType":"Patient",' + b'"extension":[{"url":"a",' * below + b'"id":"x"' + b"}]" * below + b"}"


def test_nesting_to_the_limit_is_accepted(validator: StructuralValidator) -> None:
    assert validator.decode(nested(99)).resource_type == "Patient"


@pytest.mark.parametrize("levels", [101, 501, 5_001, 200_001])
def test_nesting_beyond_the_limit_is_refused(validator: StructuralValidator, levels: int) -> None:
    with pytest.raises(Invalid) as refused:
        validator.decode(nested(levels))
    (issue,) = refused.value.issues
    assert "100 levels" in issue.diagnostics


def test_the_limit_of_nesting_can_be_set() -> None:
    validator = StructuralValidator(load_definitions(), max_depth=3)
    assert validator.decode(nested(3)).resource_type == "Patient"
    with pytest.raises(Invalid):
        validator.decode(nested(5))


def test_nesting_beyond_what_the_machine_can_take_is_refused_too() -> None:
    validator = StructuralValidator(load_definitions(), max_depth=1_000_000)
    with pytest.raises(Invalid) as refused:
        validator.decode(nested(100_001))
    assert len(refused.value.issues) == 1


def test_the_limit_of_a_numbers_length_can_be_set() -> None:
    validator = StructuralValidator(load_definitions(max_number_length=5))
    assert validator.decode(quantity("1.234")).resource_type == "Observation"
    with pytest.raises(Invalid) as refused:
        validator.decode(quantity("1.2345"))
    assert [issue.code for issue in refused.value.issues] == [IssueType.TOO_LONG]


def test_arrays_of_numbers_hold_none_where_an_extension_stands_in(validator: StructuralValidator) -> None:
    roc = b'"precision":[1.50,null],"_precision":[null,{"id":"a"}]'
    text = b'{"resourceType":"MolecularSequence","coordinateSystem":0,"quality":[{"type":"snp","roc":{' + roc + b"}}]}"
    decoded = validator.decode(text)
    first, second = decoded.resource.quality[0].roc.precision  # type: ignore[attr-defined]
    assert (bytes(first), second) == (b"1.50", None)
    assert msgspec.json.encode(decoded.resource) == text
    with pytest.raises(Invalid):
        validator.decode(text.replace(b'"_precision":[null,{"id":"a"}]', b'"numTP":[1]'))
    with pytest.raises(Invalid):
        validator.decode(text.replace(b"1.50", b'"1.50"'))
