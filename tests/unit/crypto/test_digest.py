from hypothesis import given
from hypothesis import strategies as st

from fhir_server.crypto.digest import DIGEST_BYTES, content_digest

KEYS = st.binary(min_size=32, max_size=32)


@given(st.binary(), KEYS)
def test_a_digest_has_its_length_and_is_the_same_again(text: bytes, key: bytes) -> None:
    digest = content_digest(text, key=key)
    assert len(digest) == DIGEST_BYTES
    assert digest == content_digest(text, key=key)


@given(st.binary(), st.binary(), KEYS, KEYS)
def test_other_texts_and_other_keys_have_other_digests(first: bytes, second: bytes, key: bytes, other: bytes) -> None:
    assert (first == second) == (content_digest(first, key=key) == content_digest(second, key=key))
    assert (key == other) == (content_digest(first, key=key) == content_digest(first, key=other))


def test_the_digest_is_keyed_blake2b() -> None:
    """A value that `openssl mac` computed, so that stored digests stay comparable."""
    found = content_digest(b'{"a":1}', key=bytes(range(32)))
    assert found.hex() == "c9553c8bdec69a4b756779e763748969"
