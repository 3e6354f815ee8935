"""Tests wait for what they need, never for a time: a pause is allowed only where a loop looks again."""

import ast

from tests.architecture.sources import SourceFile, calls, source_files


def _sleeps(file: SourceFile) -> set[int]:
    return {call.lineno for call, name in calls(file.tree) if name == "sleep" and not _only_yields(call)} - {
        call.lineno for node in ast.walk(file.tree) if isinstance(node, ast.While) for call, _ in calls(node)
    }


def _only_yields(call: ast.Call) -> bool:
    match call.args:
        case [ast.Constant(value=0)]:
            return True
        case _:
            return False


def test_no_test_sleeps() -> None:
    sleeping = {file.name: lines for file in source_files("tests") if (lines := _sleeps(file))}
    assert not sleeping
