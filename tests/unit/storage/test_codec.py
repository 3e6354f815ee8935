from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.storage.codec import Codec, pack, unpack
from fhir_server.storage.version import StoredVersion

LONG = 256 * 1024
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@given(st.binary(min_size=1, max_size=64), st.sampled_from([0, 1, LONG, LONG * 4]))
def test_a_body_is_unpacked_to_what_was_packed(part: bytes, length: int) -> None:
    body = part * (length // len(part) + 1)
    stored, codec = pack(body)
    assert unpack(stored, codec) == body


def test_a_short_body_is_stored_as_it_is() -> None:
    body = b"x" * (LONG - 1)
    assert pack(body) == (body, Codec.PLAIN)


def test_a_long_body_is_stored_shorter() -> None:
    stored, codec = pack(b"x" * LONG)
    assert codec is Codec.ZLIB
    assert len(stored) < LONG / 10


def test_a_codec_of_a_later_release_is_refused() -> None:
    with pytest.raises(ValueError, match="codec 9"):
        unpack(b"{}", 9)


def test_the_text_of_a_packed_version_is_that_of_a_plain_one() -> None:
    body = b'{"text":"' + b"x" * LONG + b'","value":1.50}'
    stored, codec = pack(body)
    packed = StoredVersion("Patient", "a", 1, NOON, "PUT", 201, None, stored, codec=codec)
    plain = StoredVersion("Patient", "a", 1, NOON, "PUT", 201, None, body)
    assert packed.text() == plain.text()
    assert packed.text().endswith(body[1:])
