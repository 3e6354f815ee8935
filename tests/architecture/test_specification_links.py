import ast

import pytest

from tests.architecture.sources import SourceFile, source_files

R4 = "https://hl7.org/fhir/R4/"
NOT_IN_THE_SPECIFICATION = {
    # What the interactions and the handlers work with, and which there are.
    "fhir_server/interactions/services.py",
    "fhir_server/rest/handlers/__init__.py",
}


@pytest.mark.parametrize(
    "file", source_files("fhir_server/interactions", "fhir_server/rest/handlers"), ids=lambda file: file.name
)
def test_what_the_specification_describes_links_to_it(file: SourceFile) -> None:
    linked = R4 in (ast.get_docstring(file.tree) or "")
    assert linked or file.name in NOT_IN_THE_SPECIFICATION
