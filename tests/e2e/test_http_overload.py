"""Overload, deadlines and clients that hang up."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.plugins.databases import Administrator, administrator_of
from tests.plugins.fhir_client import FhirClient, answered, eventually, issue_of, patient, place_of
from tests.plugins.process import Neonpro


@pytest.fixture(scope="module")
def administrator(narrow_neonpro: Neonpro) -> Administrator:
    """Return the administrator of the database of the server with one connection."""
    return administrator_of(narrow_neonpro)


def test_a_full_queue_answers_503_at_once_and_those_in_it_are_served(
    narrow_neonpro: Neonpro, narrow_fhir: FhirClient, administrator: Administrator
) -> None:
    place = place_of(narrow_fhir.stored(patient()))

    def both_wait() -> bool:
        return "fhir_requests_in_flight 2.0" in narrow_fhir.http.get(f"{narrow_neonpro.origin}/metrics").text

    with ThreadPoolExecutor(2) as threads:
        with administrator.holding_all():
            waiting = [threads.submit(narrow_fhir.get, place)]
            administrator.wait_for_waiting(1)
            waiting.append(threads.submit(narrow_fhir.get, place))
            eventually(both_wait, "both requests wait")
            refused = narrow_fhir.get(place)
        assert [each.result().status_code for each in waiting] == [200, 200]
    issue = issue_of(refused, 503)
    assert issue["code"] == "throttled"
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.elapsed.total_seconds() < 1


def test_who_waits_too_long_in_the_queue_is_answered_503(narrow_fhir: FhirClient, administrator: Administrator) -> None:
    place = place_of(narrow_fhir.stored(patient()))
    with ThreadPoolExecutor(1) as threads, administrator.holding_all():
        first = threads.submit(narrow_fhir.get, place)
        administrator.wait_for_waiting(1)
        second = narrow_fhir.get(place)
        assert issue_of(second, 503)["code"] == "throttled"
        assert "retry-after" in second.headers
        assert issue_of(first.result(), 504)["code"] == "timeout"


def test_a_request_that_takes_too_long_is_given_up_with_its_statement(
    narrow_fhir: FhirClient, administrator: Administrator
) -> None:
    sent = patient()
    place = place_of(narrow_fhir.stored(sent))
    with administrator.holding(place):
        given_up = narrow_fhir.update({**sent, "active": True})
        administrator.wait_for_waiting(0)
    issue = issue_of(given_up, 504)
    assert issue["code"] == "timeout"
    assert "5 seconds" in issue["diagnostics"]
    assert answered(narrow_fhir.get(place), 200)["meta"]["versionId"] == "1"


def test_a_client_that_hangs_up_cancels_its_statement(
    narrow_neonpro: Neonpro, narrow_fhir: FhirClient, administrator: Administrator
) -> None:
    sent = patient()
    place = place_of(narrow_fhir.stored(sent))
    request_id = f"hung-up-{sent['id']}"
    headers = {"Content-Type": "application/fhir+json", "X-Request-Id": request_id}
    with administrator.holding(place):
        with ThreadPoolExecutor(1) as threads, httpx.Client(timeout=1.5) as impatient:
            url = f"{narrow_neonpro.base_url}/{place}"
            asked = threads.submit(impatient.put, url, json={**sent, "active": True}, headers=headers)
            administrator.wait_for_waiting(1)
            assert isinstance(asked.exception(), httpx.ReadTimeout)
        administrator.wait_for_waiting(0)
        eventually(lambda: request_id in narrow_neonpro.log.read_text(), "the request is logged")
    (line,) = (line for line in narrow_neonpro.log.read_text().splitlines() if request_id in line)
    assert '"status":499' in line
    assert answered(narrow_fhir.get(place), 200)["meta"]["versionId"] == "1"


def test_a_slow_statement_is_logged_by_its_name(
    narrow_neonpro: Neonpro, narrow_fhir: FhirClient, administrator: Administrator
) -> None:
    sent = patient()
    place = place_of(narrow_fhir.stored(sent))
    before = narrow_neonpro.log.stat().st_size
    with ThreadPoolExecutor(1) as threads:
        with administrator.holding(place):
            update = threads.submit(narrow_fhir.update, {**sent, "active": True})
            administrator.wait_for_waiting(1)
        assert update.result().status_code == 200
    lines = [line for line in narrow_neonpro.log.read_text()[before:].splitlines() if '"slow statement"' in line]
    assert any('"statement":"insert_versions"' in line and '"level":"warning"' in line for line in lines)
    assert not any(sent["id"] in line for line in lines)
