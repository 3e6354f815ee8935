import pytest

from fhir_server.core.errors import Invalid
from fhir_server.rest.asgi import headers_of, query_of, server_of


def query(text: bytes) -> dict[str, tuple[str, ...]]:
    return query_of({"query_string": text})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", {}),
        (b"_count=5", {"_count": ("5",)}),
        (b"a=1&b=2&a=3", {"a": ("1", "3"), "b": ("2",)}),
        (b"a=&b=2&&c", {"b": ("2",)}),
        (b"_since=2026-01-31T12%3A00%2B01%3A00", {"_since": ("2026-01-31T12:00+01:00",)}),
        (b"name=Jos%C3%A9", {"name": ("José",)}),
        (b"a=b+c", {"a": ("b c",)}),
        (b"a=b=c;d", {"a": ("b=c;d",)}),
    ],
)
def test_a_query_is_read_into_its_parameters(text: bytes, expected: dict[str, tuple[str, ...]]) -> None:
    assert query(text) == expected


@pytest.mark.parametrize("text", [b"a=%ff", b"a=\xff", b"%E9=1", b"&".join([b"a=1"] * 201)])
def test_a_query_that_cannot_be_read_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid, match="query cannot be read"):
        query(text)


def test_headers_have_lower_case_names_and_joined_values() -> None:
    headers = [(b"Accept", b"a/b"), (b"X-Other", b"\xe9"), (b"accept", b"c/d")]
    assert headers_of({"headers": headers}) == {"accept": "a/b, c/d", "x-other": "é"}


@pytest.mark.parametrize(
    ("server", "expected"),
    [(("10.0.0.1", 8000), "10.0.0.1:8000"), (("/run/neonpro", None), "/run/neonpro"), (None, "127.0.0.1")],
)
def test_the_server_is_the_socket_that_took_the_connection(
    server: tuple[str, int | None] | None, expected: str
) -> None:
    assert server_of({"server": server}) == expected
