"""What the embedded PostgreSQL is told."""

from pathlib import Path

import pytest

from fhir_server.storage.embedded.postgresql_settings import (
    configuration_file,
    postgresql_settings,
    usable_memory,
)

_GIB = 1024**3


@pytest.mark.parametrize(
    ("memory", "shared", "work"),
    [(_GIB // 4, "64MB", "4MB"), (_GIB, "128MB", "4MB"), (4 * _GIB, "512MB", "16MB"), (64 * _GIB, "1024MB", "16MB")],
)
def test_memory_settings_follow_the_machine_within_bounds(memory: int, shared: str, work: str) -> None:
    settings = postgresql_settings(sockets=Path("/run/x"), connections=28, memory=memory)
    assert (settings["shared_buffers"], settings["work_mem"]) == (shared, work)
    assert settings["max_connections"] == "28"


def test_commits_are_durable_whatever_the_machine() -> None:
    settings = postgresql_settings(sockets=Path("/run/x"), connections=1, memory=_GIB)
    assert {settings[name] for name in ("fsync", "full_page_writes", "synchronous_commit")} == {"on"}


def test_a_configuration_file_quotes_what_a_path_may_hold() -> None:
    assert configuration_file({"a": "it's", "b": '"/x, y"'}) == "a = 'it''s'\nb = '\"/x, y\"'\n"


def test_usable_memory_is_counted_in_bytes() -> None:
    assert 64 * 1024**2 < usable_memory() < 2**50
