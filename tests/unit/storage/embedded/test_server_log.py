"""What a server's log tells of a failed start."""

from pathlib import Path

import pytest

from fhir_server.core.errors import StartRefused
from fhir_server.storage.embedded.failures import refuse_without_room
from fhir_server.storage.embedded.server_log import ServerLog


@pytest.fixture
def log(tmp_path: Path) -> ServerLog:
    """A log that holds lines of an earlier start."""
    path = tmp_path / "server.log"
    path.write_text("FATAL:  an old trouble\n")
    started = ServerLog(path)
    started.start()
    return started


def test_only_lines_since_the_start_count(log: ServerLog, tmp_path: Path) -> None:
    assert not log.tells("an old trouble")
    assert str(log.refusal("Redis", tmp_path)) == f"Redis does not start; {log.path} tells more."


def test_the_last_cause_is_told(log: ServerLog, tmp_path: Path) -> None:
    with log.path.open("a") as file:
        file.write("LOG:  starting\nx FATAL:  the database system is starting up\ny FATAL:  no memory \n")
    assert str(log.refusal("PostgreSQL", tmp_path)).startswith("PostgreSQL does not start: no memory; ")


@pytest.mark.parametrize("words", ["No space left on device", "Disk quota exceeded", "File too large"])
def test_a_full_disk_is_recognised_by_its_words(log: ServerLog, tmp_path: Path, words: str) -> None:
    with log.path.open("a") as file:
        file.write(f"PANIC:  could not write to file: {words}\n")
    assert "is full" in str(log.refusal("PostgreSQL", tmp_path))


def test_a_large_log_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_bytes(b"x" * 11_000_000)
    ServerLog(path).start()
    assert not path.exists()
    assert path.with_suffix(".1.log").stat().st_size == 11_000_000


def test_a_disk_without_enough_room_is_refused(tmp_path: Path) -> None:
    refuse_without_room(tmp_path, 1)
    with pytest.raises(StartRefused, match="is full"):
        refuse_without_room(tmp_path, 2**62)
