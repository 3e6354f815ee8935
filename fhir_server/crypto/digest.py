"""The keyed digest of a resource's content."""

from hashlib import blake2b

DIGEST_BYTES = 16
KEY_BYTES = 32


def content_digest(canonical: bytes, *, key: bytes) -> bytes:
    """Return the keyed BLAKE2b digest (16 bytes) of the canonical text of a resource without id and meta.

    It is keyed because an unkeyed digest would tell whoever reads the table that two patients' resources
    are equal to a text that he can guess. https://www.rfc-editor.org/rfc/rfc7693
    """
    return blake2b(canonical, digest_size=DIGEST_BYTES, key=key).digest()
