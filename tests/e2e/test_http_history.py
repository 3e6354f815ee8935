"""history of an instance, a type and the system: https://hl7.org/fhir/R4/http.html#history"""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.plugins.databases import administrator_of
from tests.plugins.fhir_client import FhirClient, Resource, answered, issue_of, patient, place_of, some_id, versions_of
from tests.plugins.process import Neonpro


@pytest.fixture(scope="module")
def changed(fhir: FhirClient) -> Resource:
    """Return a patient with five versions: created, updated, deleted, brought back, updated."""
    sent = patient()
    fhir.stored(sent)
    fhir.update({**sent, "active": True})
    fhir.delete(place_of(sent))
    fhir.update(sent)
    fhir.update({**sent, "active": False})
    return sent


def test_history_of_an_instance_tells_every_version_newest_first(fhir: FhirClient, changed: Resource) -> None:
    bundle = answered(fhir.get(f"{place_of(changed)}/_history"), 200)
    assert (bundle["resourceType"], bundle["type"], bundle["total"]) == ("Bundle", "history", 5)
    assert versions_of(bundle) == [(changed["id"], f'W/"{number}"') for number in (5, 4, 3, 2, 1)]
    assert {entry["fullUrl"] for entry in bundle["entry"]} == {f"{fhir.http.base_url}{place_of(changed)}"}
    times = [entry["response"]["lastModified"] for entry in bundle["entry"]]
    assert times == sorted(set(times), reverse=True)


def test_an_entry_tells_the_request_and_the_response_that_made_its_version(fhir: FhirClient, changed: Resource) -> None:
    entries = fhir.get(f"{place_of(changed)}/_history").json()["entry"]
    assert [entry["request"]["method"] for entry in entries] == ["PUT", "PUT", "DELETE", "PUT", "PUT"]
    assert {entry["request"]["url"] for entry in entries} == {place_of(changed)}
    statuses = ["200 OK", "201 Created", "204 No Content", "200 OK", "201 Created"]
    assert [entry["response"]["status"] for entry in entries] == statuses
    for entry in entries:
        if "resource" in entry:
            meta = entry["resource"]["meta"]
            assert entry["response"]["etag"] == f'W/"{meta["versionId"]}"'
            assert entry["response"]["lastModified"] == meta["lastUpdated"]


def test_a_deletion_is_an_entry_without_a_resource(fhir: FhirClient, changed: Resource) -> None:
    entries = fhir.get(f"{place_of(changed)}/_history").json()["entry"]
    assert ["resource" in entry for entry in entries] == [True, True, False, True, True]


def test_an_entry_of_a_create_names_its_type(fhir: FhirClient) -> None:
    created = fhir.create(patient()).json()
    (entry,) = fhir.get(f"{place_of(created)}/_history").json()["entry"]
    assert entry["request"] == {"method": "POST", "url": "Patient"}
    assert entry["response"]["status"] == "201 Created"
    assert entry["resource"] == created


def test_a_deleted_resource_keeps_its_history(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    fhir.delete(place_of(stored))
    assert [etag for _, etag in versions_of(fhir.get(f"{place_of(stored)}/_history").json())] == ['W/"2"', 'W/"1"']


def test_history_of_what_never_was_is_not_found(fhir: FhirClient) -> None:
    assert issue_of(fhir.get(f"Patient/{some_id()}/_history"), 404)["code"] == "not-found"


@pytest.mark.parametrize("place", ["Basic", ""])
def test_history_of_a_type_or_the_system_begins_with_what_was_written_last(fhir: FhirClient, place: str) -> None:
    sent = [{"resourceType": "Basic", "id": some_id(), "code": {"text": "x"}} for _ in range(3)]
    for resource in sent:
        fhir.stored(resource)
    fhir.delete(place_of(sent[0]))
    path = f"{place}/_history" if place else "_history"
    bundle = answered(fhir.get(f"{path}?_count=4"), 200)
    assert [logical_id for logical_id, _ in versions_of(bundle)] == [
        sent[0]["id"], *(resource["id"] for resource in reversed(sent))
    ]  # fmt: skip
    assert "resource" not in bundle["entry"][0]


def test_history_of_a_type_holds_no_other_type(fhir: FhirClient) -> None:
    fhir.create(patient())
    entries = fhir.get("Patient/_history").json()["entry"]
    assert {entry["fullUrl"].split("/")[-2] for entry in entries} == {"Patient"}


@pytest.mark.parametrize("place", ["{place}/_history", "Patient/_history", "_history"])
def test_next_links_lead_to_each_version_once_and_to_an_end(fhir: FhirClient, changed: Resource, place: str) -> None:
    since = fhir.get(f"{place_of(changed)}/_history/1").json()["meta"]["lastUpdated"]
    path = f"{place.format(place=place_of(changed))}?_count=2&_since={since}"
    found, first = [], True
    for page in fhir.pages(path):
        assert len(page["entry"]) <= 2
        found += versions_of(page)
        if first:
            fhir.stored(patient())
            first = False
    assert len(found) == len(set(found))
    assert [etag for logical_id, etag in found if logical_id == changed["id"]] == [f'W/"{n}"' for n in (5, 4, 3, 2, 1)]


def test_what_is_written_while_a_client_pages_is_not_on_later_pages(fhir: FhirClient, changed: Resource) -> None:
    first = fhir.get("Patient/_history?_count=1").json()
    later = fhir.stored(patient())
    (url,) = (link["url"] for link in first["link"] if link["relation"] == "next")
    assert later["id"] not in {logical_id for logical_id, _ in versions_of(fhir.http.get(url).json())}


def test_paging_visits_every_version_while_others_write(fhir: FhirClient) -> None:
    sent = [patient() for _ in range(20)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(fhir.stored, sent))
        since = min(fhir.get(f"{place_of(each)}/_history/1").json()["meta"]["lastUpdated"] for each in sent)
        writing = threads.map(fhir.update, [{**each, "active": True} for each in sent])
        found = [
            version for page in fhir.pages(f"Patient/_history?_count=7&_since={since}") for version in versions_of(page)
        ]
        list(writing)
    assert len(found) == len(set(found))
    assert {(each["id"], 'W/"1"') for each in sent} <= set(found)


def test_a_page_link_repeats_what_was_asked_for(fhir: FhirClient, changed: Resource) -> None:
    path = f"{place_of(changed)}/_history"
    bundle = fhir.get(f"{path}?_count=1&_summary=true&_format=json").json()
    links = {link["relation"]: urlsplit(link["url"]) for link in bundle["link"]}
    asked = {"_count": ["1"], "_summary": ["true"], "_format": ["json"]}
    assert parse_qs(links["self"].query) == asked
    following = parse_qs(links["next"].query)
    assert following.pop("_cursor")
    assert following == asked


def test_since_leaves_out_what_is_older(fhir: FhirClient, changed: Resource) -> None:
    third = fhir.get(f"{place_of(changed)}/_history").json()["entry"][2]["response"]["lastModified"]
    bundle = fhir.get(f"{place_of(changed)}/_history?_since={third}").json()
    assert bundle["total"] == 3
    assert [etag for _, etag in versions_of(bundle)] == ['W/"5"', 'W/"4"', 'W/"3"']
    nothing = answered(fhir.get(f"{place_of(changed)}/_history?_since=2999-01-01T00:00:00Z"), 200)
    assert nothing["total"] == 0
    assert "entry" not in nothing


def test_since_reads_offsets_also_where_the_plus_sign_is_not_encoded(fhir: FhirClient, changed: Resource) -> None:
    for moment in ("2001-01-01T00:00:00+03:00", quote("2001-01-01T00:00:00+03:00"), "2001-01-01", "2001"):
        assert fhir.get(f"{place_of(changed)}/_history?_since={moment}").json()["total"] == 5


def test_at_leaves_only_what_was_current_then(fhir: FhirClient, changed: Resource) -> None:
    entries = fhir.get(f"{place_of(changed)}/_history").json()["entry"]
    for entry in entries:
        moment, etag = entry["response"]["lastModified"], entry["response"]["etag"]
        bundle = fhir.get(f"{place_of(changed)}/_history?_at={moment}").json()
        assert etag in {found for _, found in versions_of(bundle)}
        assert bundle["total"] == 1
    before = answered(fhir.get(f"{place_of(changed)}/_history?_at=2001-06"), 200)
    assert before["total"] == 0


def test_at_of_the_day_finds_every_version_of_the_day(fhir: FhirClient, changed: Resource) -> None:
    entries = fhir.get(f"{place_of(changed)}/_history").json()["entry"]
    years = {entry["response"]["lastModified"][:4] for entry in entries}
    if len(years) == 1:
        assert fhir.get(f"{place_of(changed)}/_history?_at={years.pop()}").json()["total"] == 5


@pytest.mark.parametrize("query", ["_count=0", "_summary=count"])
@pytest.mark.parametrize("place", ["{place}/_history", "Patient/_history", "_history"])
def test_a_count_alone_is_a_total_without_entries(fhir: FhirClient, changed: Resource, query: str, place: str) -> None:
    bundle = answered(fhir.get(f"{place.format(place=place_of(changed))}?{query}"), 200)
    assert "entry" not in bundle
    assert bundle["total"] >= 5
    assert [link["relation"] for link in bundle["link"]] == ["self"]


@pytest.mark.parametrize(("count", "entries"), [("1", 1), ("2", 2), ("3", 3), ("4", 3), ("999999999", 3), ("", 2)])
def test_a_page_is_as_long_as_asked_for_up_to_a_limit(tuned_fhir: FhirClient, count: str, entries: int) -> None:
    created = tuned_fhir.create(patient()).json()
    for number in range(4):
        tuned_fhir.update({**created, "multipleBirthInteger": number})
    query = f"?_count={count}" if count else ""
    for place in (place_of(created), "Patient"):
        assert len(tuned_fhir.get(f"{place}/_history{query}").json()["entry"]) == entries


@pytest.mark.parametrize(
    "query",
    ["_count=-1", "_count=x", "_count=1&_count=2", "_since=yesterday", "_since=2026-13", "_at=2026-02-30",
     "_at=0000", "_since=2026-01-01&_since=2026-01-02", "_list=a_b", "_cursor=abc", "_cursor=%C3%A9"],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_refused(fhir: FhirClient, query: str) -> None:
    issue = issue_of(fhir.get(f"Patient/_history?{query}"), 400)
    assert query.partition("=")[0].replace("_cursor", "page link") in issue["diagnostics"]


def test_list_confines_a_history_to_what_the_list_names(fhir: FhirClient, changed: Resource) -> None:
    other, removed = fhir.stored(patient()), fhir.stored(patient())
    entry = [
        {"item": {"reference": place_of(changed)}},
        {"item": {"reference": f"{fhir.http.base_url}{place_of(other)}"}},
        {"item": {"reference": place_of(removed)}, "deleted": True},
        {"item": {"reference": "http://elsewhere.example.org/Patient/1"}},
        {"item": {"display": "no reference"}},
    ]
    names = {"resourceType": "List", "id": some_id(), "status": "current", "mode": "changes", "entry": entry}
    fhir.stored(names)
    for place in ("Patient", ""):
        path = f"{place}/_history" if place else "_history"
        bundle = answered(fhir.get(f"{path}?_list={names['id']}"), 200)
        found = versions_of(bundle)
        assert {logical_id for logical_id, _ in found} == {changed["id"], other["id"]}
        assert len(found) == 6
    assert fhir.get(f"_history?_list={some_id()}").status_code == 404


def test_a_history_bundle_tells_the_moment_up_to_which_it_is_whole(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    bundle = fhir.get("_history?_count=1").json()
    assert bundle["meta"]["lastUpdated"] >= stored["meta"]["lastUpdated"]
    assert bundle["id"]


def test_entries_are_shown_in_parts_where_that_is_asked_for(fhir: FhirClient, changed: Resource) -> None:
    bundle = fhir.get(f"{place_of(changed)}/_history?_elements=active").json()
    shown = [entry["resource"] for entry in bundle["entry"] if "resource" in entry]
    assert len(shown) == 4
    assert all("name" not in resource for resource in shown)
    assert all(resource["meta"]["tag"][0]["code"] == "SUBSETTED" for resource in shown)


@pytest.mark.parametrize("place", ["Patient/_history", "_history"])
def test_head_of_a_history_answers_without_a_body(fhir: FhirClient, place: str) -> None:
    head = fhir.send("HEAD", f"{place}?_count=1")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0


def test_a_version_that_commits_late_is_not_lost_to_who_asks_again(shared_neonpro: Neonpro, fhir: FhirClient) -> None:
    late, early = patient(), patient()
    fhir.stored(late)
    administrator = administrator_of(shared_neonpro)
    with ThreadPoolExecutor(1) as threads:
        with administrator.holding(place_of(late)):
            update = threads.submit(fhir.update, {**late, "active": True})
            administrator.wait_for_waiting(1)
            committed = fhir.stored(early)
            meanwhile = answered(fhir.get("_history?_count=5"), 200)
        written = answered(update.result(), 200)
    assert written["meta"]["lastUpdated"] <= committed["meta"]["lastUpdated"]
    assert early["id"] not in {logical_id for logical_id, _ in versions_of(meanwhile)}
    assert "meta" not in meanwhile
    seen = meanwhile["entry"][0]["response"]["lastModified"]
    again = [version for page in fhir.pages(f"_history?_since={seen}") for version in versions_of(page)]
    assert {(late["id"], 'W/"2"'), (early["id"], 'W/"1"')} <= set(again)
