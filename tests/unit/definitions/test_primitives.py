"""https://hl7.org/fhir/R4/datatypes.html#primitive"""

import base64
import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions import Definitions
from fhir_server.definitions.primitives import is_base64, is_number, text_check

VALID = {
    "base64Binary": ["AAAA", "bm8=", "bg==", "AAAA AAAA", "AAAA\r\nbg==\n", "\n+/+/"],
    "canonical": ["http://example.org/a|1", "#a", "á"],
    "code": ["a", "a b", "a\tb", "ção", "a\u00a0\u00a0b"],
    "date": ["0001", "2024-12", "2024-02-29", "2000-02-29", "9999-12-31"],
    "dateTime": ["2024", "2024-12", "2024-02-29", "2024-02-29T23:59:60Z", "2024-01-01T00:00:00.1234567890+14:00"],
    "id": ["a", "A-1.b", "x" * 64],
    "instant": ["2024-02-29T23:59:60.999Z", "2024-01-31T00:00:00-13:59"],
    "markdown": [" ", "a\n\n# b", "\u0001"],
    "oid": ["urn:oid:1.2.840.0", "urn:oid:2.999"],
    "string": [" ", "a", "\u00a0", "\u0001"],
    "time": ["00:00:00", "23:59:60", "12:00:00.000001"],
    "uri": ["a", "http://example.org/%20", "á", "\u00a0"],
    "url": ["http://example.org"],
    "uuid": ["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"],
    "xhtml": ["<div/>"],
}
INVALID = {
    "base64Binary": ["", " ", "A", "AAA", "=AAA", "A===", "AA=A", "AAAAA AAA", "AA AA", "AAA-", "AAAÁ", "bg==AAAA"],
    "canonical": ["", "a b", "a\n"],
    "code": ["", " a", "a ", "a  b", "a \tb", "a\n"],
    "date": ["", "0000", "24", "2024-1", "2024-13", "2024-00", "2024-02-30", "2023-02-29", "1900-02-29", "2024-04-31",
             "2024-01-01T00:00:00Z", "2024-01-32", "2024-01-00", "20240101", "2024-01-01 ", "２０２４"],
    "dateTime": ["2024-01-01T00:00Z", "2024-01-01T00:00:00", "2024-01-01T24:00:00Z", "2024-02-30T00:00:00Z",
                 "2024-01-01T00:00:00+14:01", "2024-01-01t00:00:00Z", "2024-01-01T00:00:00.Z", "2024-01T00:00:00Z"],
    "id": ["", "a b", "x" * 65, "a_b", "á", "a\n"],
    "instant": ["2024", "2024-01-01", "2024-01-01T00:00:00", "2023-02-29T00:00:00Z"],
    "markdown": [""],
    "oid": ["", "1.2.3", "urn:oid:3.1", "urn:oid:1", "urn:oid:1.02", "urn:oid:1.2."],
    "string": [""],
    "time": ["", "24:00:00", "00:00", "00:00:61", "00:00:00Z", "1:00:00"],
    "uri": ["", "a b", " a", "a\t"],
    "url": ["", "a b"],
    "uuid": ["", "c757873d-ec9a-4326-a141-556f43239520", "urn:uuid:C757873D-EC9A-4326-A141-556F43239520"],
    "xhtml": [""],
}  # fmt: skip


def cases(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return the pairs of type and text."""
    return [(name, text) for name, held in texts.items() for text in held]


@pytest.mark.parametrize(("name", "text"), cases(VALID))
def test_valid_text_is_accepted(definitions: Definitions, name: str, text: str) -> None:
    assert text_check(definitions.type(name))(text)


@pytest.mark.parametrize(("name", "text"), cases(INVALID))
def test_invalid_text_is_refused(definitions: Definitions, name: str, text: str) -> None:
    assert not text_check(definitions.type(name))(text)


@given(name=st.sampled_from(["date", "dateTime", "instant", "time"]), data=st.data())
def test_what_is_accepted_matches_the_official_expression(
    definitions: Definitions, name: str, data: st.DataObject
) -> None:
    definition = definitions.type(name)
    text = data.draw(st.from_regex(definition.pattern or "", fullmatch=True, alphabet=st.characters(codec="ascii")))
    if text_check(definition)(text) or name == "time":
        assert re.fullmatch(definition.pattern or "", text)
        assert text_check(definition)(text)
    else:
        with pytest.raises(ValueError, match="day"):
            datetime.date.fromisoformat(text[:10])


@given(day=st.dates())
def test_every_day_of_the_calendar_is_a_date(definitions: Definitions, day: datetime.date) -> None:
    text = day.isoformat()
    assert text_check(definitions.type("date"))(text)
    assert text_check(definitions.type("instant"))(f"{text}T00:00:00Z")


@given(year=st.integers(0, 9999), month=st.integers(0, 19), day=st.integers(0, 39))
def test_what_is_no_day_of_the_calendar_is_no_date(definitions: Definitions, year: int, month: int, day: int) -> None:
    text = f"{year:04}-{month:02}-{day:02}"
    try:
        datetime.date(year, month, day)
    except ValueError:
        assert not text_check(definitions.type("date"))(text)
    else:
        assert text_check(definitions.type("date"))(text)


@given(content=st.binary(min_size=1))
def test_what_the_library_encodes_is_base64(content: bytes) -> None:
    assert is_base64(base64.b64encode(content).decode())
    assert is_base64(base64.encodebytes(content).decode())


@given(text=st.text(alphabet="AZaz09+/=\n ", min_size=1, max_size=12))
def test_what_is_accepted_as_base64_can_be_decoded(text: str) -> None:
    if is_base64(text):
        assert base64.b64decode("".join(text.split()), validate=True)


@pytest.mark.parametrize("text", ["0", "-0", "1.50", "-1.0", "1e2", "1E+2", "1.0e-2", "1" * 100])
def test_numbers_are_written_as_in_json(text: str) -> None:
    assert is_number(text)


@pytest.mark.parametrize("text", ["", "01", "1.", ".5", "+1", "1e", "0x1", "1\n", "１", "NaN"])
def test_other_writings_are_no_numbers(text: str) -> None:
    assert not is_number(text)
