import gzip
from pathlib import Path

import pytest

from fhir_server.bulk.sources import MAX_LINE, Piece, file_sources
from fhir_server.core.errors import Invalid


def pieces(path: Path) -> list[Piece]:
    [source] = file_sources([path])
    return list(source.read())


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["one.json", "one.json.gz", "ONE.JSON"])
def test_a_json_file_is_one_piece_with_its_exact_bytes(tmp_path: Path, name: str) -> None:
    data = b'{ "value": 1.50 }\n'
    path = written(tmp_path / name, data)
    assert pieces(path) == [Piece("", data, path.stat().st_size)]


@pytest.mark.parametrize("name", ["many.ndjson", "many.ndjson.gz"])
def test_every_line_of_an_ndjson_file_is_a_piece_and_empty_lines_are_none(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, b'{"a":1.0}\r\n\n  \n{"b":2}')
    found = pieces(path)
    assert [(piece.locator, piece.data) for piece in found] == [
        ("line 1", b'{"a":1.0}'),
        ("line 4", b'{"b":2}'),
    ]
    assert found[-1].position == path.stat().st_size


@pytest.mark.parametrize("name", ["marked.json", "marked.ndjson"])
def test_a_byte_order_mark_is_left_out(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, b"\xef\xbb\xbf{}")
    assert [piece.data for piece in pieces(path)] == [b"{}"]


def test_a_folder_gives_its_json_files_by_name_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("b.json", "a.ndjson.gz", "inner/c.json", "notes.txt", "archive.tar.gz", "json"):
        written(tmp_path / name, b"{}")
    names = [Path(source.name).relative_to(tmp_path).as_posix() for source in file_sources([tmp_path])]
    assert names == ["a.ndjson.gz", "b.json", "inner/c.json"]


def test_a_file_of_another_kind_is_refused_when_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"notes\.txt is none of the files that can be loaded"):
        file_sources([written(tmp_path / "notes.txt", b"{}")])


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="does not exist"):
        file_sources([tmp_path / "missing.json"])


def test_an_empty_json_file_is_refused_and_an_empty_ndjson_file_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="The file is empty"):
        pieces(written(tmp_path / "empty.json", b" \n"))
    assert pieces(written(tmp_path / "empty.ndjson", b"")) == []


@pytest.mark.parametrize("cut", [10, 60])
def test_a_damaged_gzip_file_is_refused_after_what_could_be_read(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.ndjson.gz"
    path.write_bytes(gzip.compress(b'{"a":1}\n' * 50_000)[:cut])
    [source] = file_sources([path])
    with pytest.raises(Invalid, match="cannot be decompressed"):
        list(source.read())


def test_a_file_that_vanished_is_refused_without_a_traceback(tmp_path: Path) -> None:
    path = written(tmp_path / "gone.json", b"{}")
    [source] = file_sources([path])
    path.unlink()
    with pytest.raises(Invalid, match="No such file"):
        list(source.read())


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "endless.ndjson.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"{}\n")
        for _ in range(MAX_LINE // (1024 * 1024)):
            file.write(b" " * (1024 * 1024))
    [source] = file_sources([path])
    found = source.read()
    assert next(found).data == b"{}"
    with pytest.raises(Invalid, match="Line 2 is longer than"):
        next(found)
