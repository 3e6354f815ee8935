"""Dependencies are parameters: no module holds an object that does something for everybody who imports it."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import SourceFile, source_files

SERVICES = frozenset(
    {"Services", "Database", "Preparation", "Metrics", "Telemetry", "Generation", "FhirEndpoint", "Redis"}
    | {"Application", "FastAPI", "StructuralValidator", "Definitions", "Settings"}
    | {"load_settings", "load_definitions", "application", "open_services", "open_database"}
)


def _made_on_import(file: SourceFile) -> Iterator[str]:
    for statement in file.tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Call):
            match statement.value.func:
                case ast.Name(id=name) | ast.Attribute(attr=name) if name in SERVICES:
                    yield f"{file.name}:{statement.lineno} {name}"


def test_no_module_holds_a_service() -> None:
    held = [found for file in source_files("fhir_server") for found in _made_on_import(file)]
    assert not held


def test_no_function_changes_a_variable_of_its_module() -> None:
    changing = [
        f"{file.name}:{node.lineno}"
        for file in source_files("fhir_server")
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Global)
    ]
    assert not changing
