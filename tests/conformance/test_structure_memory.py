"""What the classes of all types cost, in a process of its own."""

import subprocess
import sys

_MEASURE = """
import resource
from fhir_server.definitions import load_definitions
from fhir_server.validation.structure import StructuralValidator
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
definitions = load_definitions()
validator = StructuralValidator(definitions)
for name in definitions.resource_types:
    definitions.decoder(name)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_the_classes_of_all_types_fit_into_half_of_a_workers_memory() -> None:
    grown = subprocess.run([sys.executable, "-c", _MEASURE], check=True, capture_output=True, text=True).stdout
    assert int(grown) < 125 * 1024
