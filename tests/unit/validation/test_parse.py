"""https://www.rfc-editor.org/rfc/rfc8259"""

import pytest

from fhir_server.core.errors import Invalid
from fhir_server.core.outcome import IssueType
from fhir_server.validation.parse import Members, Number, parse
from fhir_server.validation.structure import StructuralValidator

FAULTS = [
    (b"", "line 1, column 1"),
    (b'{"resourceType":"Patient"', "line 1, column 26"),
    (b'{\n  "resourceType": "Patient",\n}', "line 3, column 1"),
    (b'{"resourceType":"Patient"} x', "line 1, column 28"),
    (b'{"resourceType":"Patient"}{}', "line 1, column 27"),
    (b'{"active":\n01}', "line 2, column 2"),
    (b'{"active":\n NaN}', "line 2, column 2"),
    (b'{"NaN":"Infinity\\"",\n"b":-Infinity}', "line 2, column 5"),
    (b'{"a":"b\tc"}', "line 1, column 8"),
    (b'{"a":"\\x"}', "line 1, column 7"),
    (b"{'a':1}", "line 1, column 2"),
    (b'\xef\xbb\xbf{"resourceType":"Patient"}', "line 1, column 1"),
    (b'{"a":"\xc3\xa1",\n"b":"\xc3\xa1\xff"}', "line 2, column 7"),
    (b'{"a":"\xed\xa0\x80"}', "line 1, column 7"),
    ('{"a":1}'.encode("utf-16"), "line 1, column 1"),
]


@pytest.mark.parametrize(("text", "position"), FAULTS)
def test_text_that_is_not_json_is_refused_with_its_line_and_column(text: bytes, position: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(text, max_depth=100)
    (issue,) = refused.value.issues
    assert issue.code is IssueType.STRUCTURE
    assert position in issue.diagnostics


@pytest.mark.parametrize(("text", "position"), FAULTS)
def test_decoding_refuses_it_in_the_same_words(validator: StructuralValidator, text: bytes, position: str) -> None:
    with pytest.raises(Invalid) as refused:
        validator.decode(text)
    (issue,) = refused.value.issues
    assert position in issue.diagnostics


def test_names_given_twice_and_the_text_of_numbers_are_kept() -> None:
    assert parse(b'{"a":1.50,"a":[-0,1e2,"1"]}', max_depth=100) == Members(
        [("a", Number("1.50")), ("a", [Number("-0"), Number("1e2"), "1"])]
    )


def test_nesting_is_counted_and_not_what_looks_like_it_in_strings() -> None:
    assert parse(b'{"a":"[[[[[[","b":"]"}', max_depth=1) == Members([("a", "[[[[[["), ("b", "]")])
    with pytest.raises(Invalid, match="deeper than 2 levels"):
        parse(b"[[[]]]", max_depth=2)
