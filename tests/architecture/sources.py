"""The project's own Python files, parsed, for tests that hold rules about them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file: `name` is its path from the root of the project."""

    name: str
    text: str = field(repr=False)
    tree: ast.Module = field(repr=False)

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())


@cache
def source_files(*folders: str) -> tuple[SourceFile, ...]:
    """Return the files below `folders`, which are named from the root of the project, sorted by name."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(_read(path) for path in paths)


def every_source_file() -> tuple[SourceFile, ...]:
    """Return all files: product, tests, tools and migrations."""
    return source_files("fhir_server", "migrations", "tests", "tools")


def calls(node: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Yield every call below `node` with the last part of the called name: `commit` for `x.y.commit()`."""
    for found in ast.walk(node):
        if isinstance(found, ast.Call):
            match found.func:
                case ast.Attribute(attr=name) | ast.Name(id=name):
                    yield found, name


def _read(path: Path) -> SourceFile:
    text = path.read_text(encoding="utf-8")
    return SourceFile(str(path.relative_to(ROOT)), text, ast.parse(text))
