"""The budgets of size: what does not fit wants to be two things."""

import ast

from tests.architecture.sources import every_source_file

LINES_OF_A_FUNCTION = 60
LINES_OF_A_FILE = 600


def test_no_file_is_too_long() -> None:
    too_long = {file.name: file.lines for file in every_source_file() if file.lines > LINES_OF_A_FILE}
    assert not too_long


def test_no_function_is_too_long() -> None:
    too_long = {
        f"{file.name}:{node.lineno} {node.name}": length
        for file in every_source_file()
        for node in ast.walk(file.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LINES_OF_A_FUNCTION
    }
    assert not too_long
