"""Several worker processes behind one address."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.plugins.fhir_client import client_of, patient, place_of
from tests.plugins.process import Neonpro, running_neonpro
from tests.plugins.servers import temporary_folder

_READS = 60


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Neonpro]:
    """Yield a server with two workers."""
    with temporary_folder() as folder, running_neonpro(folder, WORKERS="2") as server:
        yield server


def test_the_metrics_of_all_workers_are_summed(two_workers: Neonpro) -> None:
    # A connection stays with its worker, so that each request needs one of its own.
    with client_of(two_workers, connection="close") as fhir:
        place = place_of(fhir.stored(patient()))
        with ThreadPoolExecutor(4) as threads:
            answers = threads.map(fhir.get, [place] * _READS)
            assert {answer.status_code for answer in answers} == {200}
        metrics = [fhir.http.get(f"{two_workers.origin}/metrics").text for _ in range(10)]
    name = r'fhir_requests_total\{interaction="read",status="200",type="Patient"\}'
    for text in metrics:
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        assert found is not None
        assert float(found[1]) == _READS


def test_what_one_worker_writes_the_others_read(two_workers: Neonpro) -> None:
    sent = patient()
    with client_of(two_workers, connection="close") as fhir:
        fhir.stored(sent)
        for number in range(1, 20):
            changed = fhir.update({**sent, "multipleBirthInteger": number}, if_match=f'W/"{number}"')
            assert changed.headers["etag"] == f'W/"{number + 1}"'
