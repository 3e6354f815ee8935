import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.core.errors import NotAcceptable, UnsupportedMedia
from fhir_server.rest.negotiation import answer_content_type, best_match, require_json

FHIR_JSON = "application/fhir+json;charset=utf-8"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, FHIR_JSON),
        ("", FHIR_JSON),
        ("json", FHIR_JSON),
        ("*/*", FHIR_JSON),
        ("*", FHIR_JSON),
        ("application/*", FHIR_JSON),
        ("text/*", "text/json;charset=utf-8"),
        ("application/fhir+json", FHIR_JSON),
        ("APPLICATION/FHIR+JSON; CHARSET=UTF-8", FHIR_JSON),
        ("application/fhir+json;charset=utf-8;q=0.3", FHIR_JSON),
        ("application/json", "application/json;charset=utf-8"),
        ("text/json", "text/json;charset=utf-8"),
        ("application/json, text/plain, */*", "application/json;charset=utf-8"),
        ("application/json, application/fhir+json", FHIR_JSON),
        ("application/json;q=0.9, application/fhir+json;q=0.5", "application/json;charset=utf-8"),
        ("application/fhir+json;q=0, */*", "application/json;charset=utf-8"),
        ("application/fhir+xml, application/fhir+json;q=0.5", FHIR_JSON),
        ("application/fhir+json; fhirVersion=4.0", "application/fhir+json;fhirVersion=4.0;charset=utf-8"),
        ('application/json;fhirVersion="4.0"', "application/json;fhirVersion=4.0;charset=utf-8"),
        ("application/fhir+json;fhirVersion=3.0, application/fhir+json;q=0.2", FHIR_JSON),
        ('application/fhir+json;note="a,b;q=0";q=1', FHIR_JSON),
        (BROWSER, FHIR_JSON),
        (JAVA, FHIR_JSON),
    ],
)
def test_accept_decides_the_media_type_of_the_answer(accept: str | None, expected: str) -> None:
    assert answer_content_type(accept) == expected


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+xml",
        "text/turtle",
        "text/html",
        "application/xml;q=1, text/xml",
        "*/*;q=0",
        "application/fhir+json;q=0",
        "application/fhir+json;q=high",
    ],
)
def test_what_is_not_json_is_not_acceptable_and_the_error_names_what_is(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="application/fhir\\+json, application/json, text/json"):
        answer_content_type(accept)


@pytest.mark.parametrize("version", ["3.0", "4.3", "5.0", "1"])
def test_another_fhir_version_is_not_acceptable(version: str) -> None:
    with pytest.raises(NotAcceptable, match=r"other than 4\.0"):
        answer_content_type(f"application/fhir+json; fhirVersion={version}")
    with pytest.raises(NotAcceptable, match="_format asks"):
        answer_content_type(None, f"application/fhir+json; fhirVersion={version}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("json", FHIR_JSON),
        ("JSON", FHIR_JSON),
        ("application/fhir+json", FHIR_JSON),
        ("application/fhir json", FHIR_JSON),
        ("application/json", "application/json;charset=utf-8"),
        ("text/json", "text/json;charset=utf-8"),
        ("application/json; fhirVersion=4.0", "application/json;fhirVersion=4.0;charset=utf-8"),
    ],
)
def test_format_overrides_accept(value: str, expected: str) -> None:
    assert answer_content_type("application/fhir+xml", value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("xml", "text/xml", "application/xml", "application/fhir+xml", "application/fhir xml"),
        *("ttl", "text/turtle", "html", "text/html", "nonsense"),
    ],
)
def test_a_format_that_is_not_written_is_not_acceptable(value: str) -> None:
    with pytest.raises(NotAcceptable, match="_format allows none"):
        answer_content_type("application/fhir+json", value)


def test_a_header_that_is_too_long_to_be_remembered_is_read_all_the_same() -> None:
    assert answer_content_type("text/html;q=0.1," * 40 + "application/json") == "application/json;charset=utf-8"
    assert answer_content_type(None, "application/json;x=" + "y" * 600) == "application/json;charset=utf-8"


def test_an_empty_format_counts_as_absent() -> None:
    assert answer_content_type("application/json", " ") == "application/json;charset=utf-8"


HEADER_PIECES = st.sampled_from(
    [
        *("application/fhir+json", "application/json", "text/json", "text/html", "*/*", "application/*", "*"),
        *(
            ",",
            ";",
            '"',
            "\\",
            " ",
            "q=",
            "0.5",
            "0",
            "1",
            "fhirVersion=",
            "4.0",
            "3.0",
            "charset=utf-8",
            "=",
        ),
    ]
)
HEADERS = st.one_of(st.text(max_size=80), st.lists(HEADER_PIECES, max_size=300).map("".join))


@given(accept=st.none() | HEADERS, value=st.none() | HEADERS)
def test_any_header_is_answered_or_not_acceptable(accept: str | None, value: str | None) -> None:
    try:
        found = answer_content_type(accept, value)
    except NotAcceptable:
        return
    assert found.partition(";")[0] in ("application/fhir+json", "application/json", "text/json")
    assert found.endswith(";charset=utf-8")


@pytest.mark.parametrize("header", ['"\\' * 20_000, "*/*," * 16_000, ";" * 60_000, '"' * 60_000])
def test_a_hostile_header_costs_little(header: str) -> None:
    assert best_match(header, ("application/json",)) == "application/json"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        (BROWSER, "text/html"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("image/png", None),
    ],
)
def test_the_best_liked_offer_wins(accept: str | None, expected: str | None) -> None:
    assert best_match(accept, ("application/json", "text/html")) == expected


@pytest.mark.parametrize(
    "content_type",
    [
        "application/fhir+json",
        "application/fhir+json; charset=UTF-8",
        "Application/FHIR+JSON;Charset=Utf-8",
        'application/json;charset="utf-8"',
        "application/fhir+json; fhirVersion=4.0",
        "text/json",
    ],
)
def test_json_bodies_are_read(content_type: str) -> None:
    require_json(content_type)


@pytest.mark.parametrize(
    ("content_type", "reason"),
    [
        (None, "has no Content-Type"),
        (" ", "has no Content-Type"),
        ("application/fhir+xml", "not one that this server reads"),
        ("application/x-www-form-urlencoded", "not one that this server reads"),
        ("json", "not one that this server reads"),
        ("*/*", "not one that this server reads"),
        ("application/fhir+json; charset=iso-8859-1", "not UTF-8"),
        ("application/fhir+json; fhirVersion=3.0", "FHIR version"),
    ],
)
def test_other_bodies_are_unsupported_media(content_type: str | None, reason: str) -> None:
    with pytest.raises(UnsupportedMedia, match=reason):
        require_json(content_type)
