"""Where resources to load come from: JSON and NDJSON files, compressed or not, read piece by piece.

https://github.com/ndjson/ndjson-spec
"""

import gzip
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from fhir_server.core.errors import Invalid
from fhir_server.core.outcome import IssueType

MAX_LINE = 256 * 1024 * 1024
"""Bytes of the longest line of NDJSON that is read into memory."""

_SUFFIXES = (".json", ".ndjson", ".json.gz", ".ndjson.gz")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Piece:
    """One JSON text of a source: a resource or a Bundle.

    `locator` says where in the source it stands (`line 12`; empty where it is all of it), `position` how much
    of the source's `size` is read with it.
    """

    locator: str
    data: bytes
    position: int


@dataclass(frozen=True, slots=True)
class Source:
    """Something that holds resources: `read` yields its pieces, once for each call.

    `size` counts what `Piece.position` counts, bytes of the file or pieces. Reading raises Invalid where the
    source cannot be read to its end.
    """

    name: str
    size: int
    read: Callable[[], Iterator[Piece]]


def file_sources(paths: Iterable[Path]) -> list[Source]:
    """Return the files named by `paths`, and of the folders among them every JSON and NDJSON file, by name.

    Raises Invalid where a path does not exist or names a file of another kind.
    """
    return [_file_source(found) for path in paths for found in _files(path)]


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(found for found in path.rglob("*") if found.is_file() and _is_readable(found))
    elif not path.exists():
        raise Invalid(f"{path} does not exist.", code=IssueType.NOT_FOUND)
    elif not _is_readable(path):
        raise Invalid(
            f"{path} is none of the files that can be loaded: {', '.join(_SUFFIXES)}.",
            code=IssueType.NOT_SUPPORTED,
        )
    else:
        yield path


def _is_readable(path: Path) -> bool:
    return path.name.lower().endswith(_SUFFIXES)


def _file_source(path: Path) -> Source:
    return Source(name=str(path), size=path.stat().st_size, read=partial(_read, path))


def _read(path: Path) -> Iterator[Piece]:
    name = path.name.lower()
    read = _read_lines if name.removesuffix(".gz").endswith(".ndjson") else _read_whole
    try:
        with path.open("rb") as file, _decompressed(file, name) as stream:
            yield from read(stream, file)
    except (EOFError, gzip.BadGzipFile, zlib.error) as failure:
        raise Invalid("The file is damaged: it cannot be decompressed to its end.") from failure
    except OSError as failure:
        raise Invalid(f"The file cannot be read: {os.strerror(failure.errno or 0)}.") from failure


def _decompressed(file: BinaryIO, name: str) -> AbstractContextManager[BinaryIO]:
    if name.endswith(".gz"):
        return cast(AbstractContextManager[BinaryIO], gzip.GzipFile(fileobj=file))
    return nullcontext(file)


def _read_whole(stream: BinaryIO, file: BinaryIO) -> Iterator[Piece]:
    data = stream.read().removeprefix(_BYTE_ORDER_MARK)
    if not data.strip():
        raise Invalid("The file is empty.")
    yield Piece("", data, file.tell())


def _read_lines(stream: BinaryIO, file: BinaryIO) -> Iterator[Piece]:
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise Invalid(f"Line {number} is longer than {MAX_LINE} bytes; what follows it is not read.")
        data = (line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line).strip()
        if data:
            yield Piece(f"line {number}", data, file.tell())
