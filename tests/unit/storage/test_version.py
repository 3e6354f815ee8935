from datetime import UTC, datetime, timedelta, timezone

import pytest

from fhir_server.storage.version import StoredVersion

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def stored(meta: bytes | None, body: bytes | None) -> StoredVersion:
    return StoredVersion("Patient", "a", 7, NOON, "PUT", 200, meta, body)


@pytest.mark.parametrize(
    ("meta", "body", "expected"),
    [
        (None, b"{}", b"}}"),
        (None, b'{"active":true}', b'},"active":true}'),
        (b'{"source":"urn:x"}', b"{}", b',"source":"urn:x"}}'),
        (b'{"source":"urn:x"}', b'{"active":true}', b',"source":"urn:x"},"active":true}'),
    ],
)
def test_the_text_has_type_id_and_meta_first_and_the_rest_as_submitted(
    meta: bytes | None, body: bytes, expected: bytes
) -> None:
    head = b'{"resourceType":"Patient","id":"a","meta":{"versionId":"7","lastUpdated":"2026-01-31T12:00:00.000Z"'
    assert stored(meta, body).text() == head + expected


def test_the_text_keeps_numbers_and_escapes_as_they_were_written() -> None:
    body = b'{"birthDate":"2026","extension":[{"url":"urn:x\\u00e9","valueDecimal":1.50}]}'
    assert stored(None, body).text().endswith(body[1:])


def test_the_time_is_told_in_utc() -> None:
    moment = NOON.astimezone(timezone(timedelta(hours=-3)))
    version = StoredVersion("Patient", "a", 1, moment, "PUT", 201, None, b"{}")
    assert b'"lastUpdated":"2026-01-31T12:00:00.000Z"' in version.text()


def test_a_version_without_body_is_a_deletion() -> None:
    assert stored(None, None).deleted
    assert not stored(None, b"{}").deleted
