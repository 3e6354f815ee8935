import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.core.errors import Invalid
from fhir_server.rest.base_url import BaseUrlRule, base_url

DIRECT = BaseUrlRule("/fhir")
TRUSTING = BaseUrlRule("/fhir", trusted=True)


def found(rule: BaseUrlRule, headers: dict[str, str]) -> str:
    return base_url(rule, headers, scheme="http", server="127.0.0.1:8000")


def test_a_fixed_base_url_goes_before_everything() -> None:
    rule = BaseUrlRule("/fhir", fixed="https://fhir.example.org/r4/", trusted=True)
    assert found(rule, {"host": "other", "forwarded": "host=third"}) == "https://fhir.example.org/r4"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:8000", "http://localhost:8000/fhir"),
        ("fhir.example.org", "http://fhir.example.org/fhir"),
        ("fhir.example.org:80", "http://fhir.example.org/fhir"),
        ("fhir.example.org:443", "http://fhir.example.org:443/fhir"),
        ("[::1]:8000", "http://[::1]:8000/fhir"),
        ("[::80]", "http://[::80]/fhir"),
        ("", "http://127.0.0.1:8000/fhir"),
    ],
)
def test_the_host_header_names_the_server(host: str, expected: str) -> None:
    assert found(DIRECT, {"host": host}) == expected


def test_without_a_host_header_the_address_of_the_server_counts() -> None:
    assert found(DIRECT, {}) == "http://127.0.0.1:8000/fhir"


BAD_HOSTS = [
    "a b",
    "a/b",
    "a@b",
    "a:",
    "a:x",
    "a:0",
    "a:65536",
    "a:123456",
    'a"',
    "a\r\nX: 1",
    "[::1",
    "a?b",
    "a#b",
    "é",
]


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_a_host_that_is_no_host_is_invalid(host: str) -> None:
    with pytest.raises(Invalid, match="Host"):
        found(DIRECT, {"host": host})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "http://inner:8000/fhir"),
        ({"x-forwarded-proto": "https"}, "https://inner:8000/fhir"),
        ({"x-forwarded-proto": "https", "x-forwarded-host": "a.example"}, "https://a.example/fhir"),
        ({"x-forwarded-proto": "HTTPS, http", "x-forwarded-host": "a.example, b"}, "https://a.example/fhir"),
        ({"x-forwarded-host": "a.example", "x-forwarded-port": "8443"}, "http://a.example:8443/fhir"),
        ({"x-forwarded-host": "a.example:1", "x-forwarded-port": "2"}, "http://a.example:1/fhir"),
        (
            {"x-forwarded-proto": "https", "x-forwarded-host": "a.example", "x-forwarded-port": "443"},
            "https://a.example/fhir",
        ),
        ({"x-forwarded-host": "a.example", "x-forwarded-prefix": "/clinic/"}, "http://a.example/clinic/fhir"),
        ({"x-forwarded-host": "a.example", "x-forwarded-prefix": "//evil"}, "http://a.example/fhir"),
        ({"x-forwarded-host": "a.example", "x-forwarded-prefix": "/../x"}, "http://a.example/fhir"),
        ({"x-forwarded-host": "a.example", "x-forwarded-prefix": "x"}, "http://a.example/fhir"),
        ({"x-forwarded-host": "bad host"}, "http://inner:8000/fhir"),
        ({"x-forwarded-proto": "javascript"}, "http://inner:8000/fhir"),
        ({"forwarded": "proto=https;host=a.example"}, "https://a.example/fhir"),
        ({"forwarded": 'for="[::1]:1,2";host="a.example:8443";Proto=https'}, "https://a.example:8443/fhir"),
        ({"forwarded": "host=a.example, host=b.example"}, "http://a.example/fhir"),
        (
            {"forwarded": "host=a.example", "x-forwarded-host": "b", "x-forwarded-port": "9"},
            "http://a.example/fhir",
        ),
        ({"forwarded": "nonsense", "x-forwarded-host": "b.example"}, "http://b.example/fhir"),
        ({"forwarded": 'host="a/b"'}, "http://inner:8000/fhir"),
    ],
)
def test_trusted_forwarding_headers_name_what_the_client_sees(headers: dict[str, str], expected: str) -> None:
    assert found(TRUSTING, {"host": "inner:8000", **headers}) == expected


def test_forwarding_headers_count_for_nothing_unless_trusted() -> None:
    headers = {
        "host": "inner",
        "forwarded": "host=evil",
        "x-forwarded-host": "evil",
        "x-forwarded-prefix": "/x",
    }
    assert found(DIRECT, headers) == "http://inner/fhir"


NAMES = [
    "host",
    "forwarded",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-forwarded-prefix",
]
VALUES = st.text(max_size=30) | st.sampled_from(["a.example", "https", "host=a;proto=https", "/x", "8443"])


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_header_breaks_out_of_the_url(headers: dict[str, str]) -> None:
    try:
        url = found(TRUSTING, headers)
    except Invalid:
        return
    assert url.isascii()
    assert url.startswith(("http://", "https://"))
    assert url.endswith("/fhir")
    assert not set(url) & set(" \r\n\t\"'<>\\@?#,;")
