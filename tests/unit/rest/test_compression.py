import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.core.errors import Invalid, NotAcceptable, TooLarge
from fhir_server.rest.compression import (
    Codings,
    UnsupportedCoding,
    accepted_codings,
    compress,
    decompress,
    inflate,
)

BOTH = Codings(gzip=True, identity=True)
PLAIN = Codings(gzip=False, identity=True)
ONLY_GZIP = Codings(gzip=True, identity=False)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, PLAIN),
        ("", PLAIN),
        ("identity", PLAIN),
        ("br, zstd", PLAIN),
        ("gzip", BOTH),
        ("GZIP", BOTH),
        ("x-gzip", BOTH),
        ("gzip, deflate, br", BOTH),
        ("*", BOTH),
        ("gzip;q=0.5", BOTH),
        ("gzip;q=0.5, identity;q=0.5", BOTH),
        ("gzip;q=0.5, identity", PLAIN),
        ("gzip;q=0", PLAIN),
        ("gzip;q=0, *", PLAIN),
        ("gzip;q=many", PLAIN),
        ("gzip;q=2", PLAIN),
        ("identity;q=0, gzip", ONLY_GZIP),
        ("*;q=0, gzip;q=0.1", ONLY_GZIP),
        ("gzip;level=1", BOTH),
        ("x" * 300 + ", gzip", BOTH),
    ],
)
def test_accept_encoding_decides_by_quality(header: str | None, expected: Codings) -> None:
    assert accepted_codings(header) == expected


@pytest.mark.parametrize("header", ["*;q=0", "identity;q=0", "gzip;q=0, identity;q=0", "br, *;q=0"])
def test_refusing_both_codings_is_not_acceptable(header: str) -> None:
    with pytest.raises(NotAcceptable, match="gzip and identity"):
        accepted_codings(header)


@given(st.text(max_size=300))
def test_any_header_is_read_or_not_acceptable(header: str) -> None:
    try:
        found = accepted_codings(header)
    except NotAcceptable:
        return
    assert found.gzip or found.identity


async def test_a_long_body_is_compressed() -> None:
    sent, coding = await compress(b"a" * 1000, BOTH, minimum_size=500, level=1)
    assert coding == "gzip"
    assert gzip.decompress(sent) == b"a" * 1000


async def test_a_very_long_body_is_compressed_beside_the_event_loop() -> None:
    body = b"0123456789abcdef" * 100_000
    sent, coding = await compress(body, BOTH, minimum_size=500, level=1)
    assert coding == "gzip"
    assert await decompress(sent, coding, limit=len(body)) == body


async def test_a_short_body_is_sent_as_it_is() -> None:
    assert await compress(b"a" * 100, BOTH, minimum_size=500, level=1) == (b"a" * 100, None)


async def test_a_client_that_refuses_identity_gets_even_a_short_body_compressed() -> None:
    sent, coding = await compress(b"a", ONLY_GZIP, minimum_size=500, level=1)
    assert (gzip.decompress(sent), coding) == (b"a", "gzip")


async def test_a_client_without_gzip_gets_the_body_as_it_is() -> None:
    assert await compress(b"a" * 1000, PLAIN, minimum_size=500, level=1) == (b"a" * 1000, None)


@given(body=st.binary(max_size=3000), level=st.integers(1, 5), repeats=st.integers(1, 60))
async def test_a_body_survives_both_ways(body: bytes, level: int, repeats: int) -> None:
    whole = body * repeats
    sent, coding = await compress(whole, BOTH, minimum_size=0, level=level)
    assert await decompress(sent, coding, limit=len(whole)) == whole
    assert (sent, coding) == await compress(whole, BOTH, minimum_size=0, level=level)


@pytest.mark.parametrize("coding", [None, "", "identity", " Identity "])
async def test_a_body_without_coding_is_left_alone(coding: str | None) -> None:
    assert await decompress(b"{}", coding, limit=1) == b"{}"


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd"])
async def test_another_coding_is_unsupported(coding: str) -> None:
    with pytest.raises(UnsupportedCoding):
        await decompress(b"{}", coding, limit=100)


@pytest.mark.parametrize("size", [1_000, 5_000_000])
async def test_a_body_that_inflates_over_the_limit_is_too_large(size: int) -> None:
    with pytest.raises(TooLarge, match="999 bytes"):
        await decompress(gzip.compress(b"0" * size), "x-gzip", limit=999)


def test_a_body_at_the_limit_is_read() -> None:
    assert inflate(gzip.compress(b"0" * 999), limit=999) == b"0" * 999


def test_the_limit_holds_over_all_members_of_a_body() -> None:
    member = gzip.compress(b"0" * 600)
    assert inflate(member * 2, limit=1200) == b"0" * 1200
    with pytest.raises(TooLarge):
        inflate(member * 2, limit=1199)


@pytest.mark.parametrize(
    "body", [b"{}", gzip.compress(b"abc")[:-1], gzip.compress(b"abc")[:5], gzip.compress(b"abc") + b"x"]
)
def test_a_body_that_is_not_whole_gzip_is_invalid(body: bytes) -> None:
    with pytest.raises(Invalid):
        inflate(body, limit=100)


def test_an_empty_body_stays_empty() -> None:
    assert inflate(b"", limit=10) == b""
