import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fhir_server.core.errors import Invalid
from fhir_server.definitions import load_definitions
from fhir_server.rest.subset import apply_subset, parse_subset
from fhir_server.validation.structure import StructuralValidator

FOLDER = os.environ.get("FHIR_CONFORMANCE_DIR")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="FHIR_CONFORMANCE_DIR does not name the folder of the official examples"
)


def official_examples() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the minified text of every official example of R4."""
    with tarfile.open(Path(FOLDER or "") / "r4-examples.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                yield member.name, msgspec.json.format(file.read(), indent=-1)


def test_every_summary_of_a_valid_example_is_valid() -> None:
    definitions = load_definitions()
    validator = StructuralValidator(definitions)
    forms = [parse_subset(form, None, definitions=definitions) for form in ("true", "text", "data")]
    broken, examined = [], 0
    for name, text in official_examples():
        if validator.issues(text):
            continue
        examined += 1
        for subset in forms:
            assert subset is not None
            try:
                validator.decode(apply_subset(text, subset, definitions=definitions))
            except Invalid as refused:
                broken.append((name, subset.summary, refused.issues))
    assert not broken
    assert examined > 700
