"""Every error is an OperationOutcome: https://hl7.org/fhir/R4/http.html#Status-Codes"""

import pytest

from tests.plugins.fhir_client import (
    CPF,
    FAMILY,
    FhirClient,
    answered,
    issue_of,
    issues_of,
    observation,
    patient,
    place_of,
    some_id,
)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (b'{"resourceType":"Patient",\n "active":tru}', 2, 11),
        (b'{\n"resourceType":"Patient",\n\n}', 4, 1),
        (b'{"resourceType":"Patient"', 1, 26),
        (b'{"resourceType":"Patient"} x', 1, 28),
        ('{"resourceType":"Patient","name":[{"family":"é" "x"}]}'.encode(), 1, 49),
        (b'{"resourceType":"Patient",\n"active":\xff}', 2, 10),
        (b'<Patient xmlns="http://hl7.org/fhir"/>', 1, 1),
        (b"", 1, 1),
    ],
    ids=["word", "comma", "end", "more", "text", "utf-8", "xml", "empty"],
)
def test_bad_json_is_refused_with_line_and_column(fhir: FhirClient, text: bytes, line: int, column: int) -> None:
    for answer in (fhir.create(text, type="Patient"), fhir.update(text, place=f"Patient/{some_id()}")):
        issue = issue_of(answer, 400)
        assert issue["code"] in ("structure", "invalid")
        assert f"line {line}, column {column}" in issue["diagnostics"]


def test_a_resource_is_refused_with_all_its_issues_and_their_places(fhir: FhirClient) -> None:
    sent = {
        "resourceType": "Observation",
        "code": {"coding": [{"system": 1}]},
        "valueString": "a",
        "valueInteger": 1,
        "subject": {},
        "category": [],
        "colour": "red",
        "component": [{"valueBoolean": True}],
        "issued": "yesterday",
    }
    found = {expression for issue in issues_of(fhir.create(sent), 400) for expression in issue["expression"]}
    assert found == {
        "Observation.status",
        "Observation.code.coding[0].system",
        "Observation.value",
        "Observation.subject",
        "Observation.category",
        "Observation.colour",
        "Observation.component[0].code",
        "Observation.issued",
    }
    assert {issue["severity"] for issue in issues_of(fhir.create(sent), 400)} == {"error"}


@pytest.mark.parametrize(
    ("member", "expression"),
    [
        ('"name":[{"family":"A","family":"B"}]', "Patient.name[0].family"),
        ('"active":"true"', "Patient.active"),
        ('"active":null', "Patient.active"),
        ('"gender":["male"]', "Patient.gender"),
        ('"name":{"family":"A"}', "Patient.name"),
        ('"multipleBirthInteger":1.5', "Patient.multipleBirth"),
        ('"birthDate":"1987-13-01"', "Patient.birthDate"),
        ('"name":[{"given":["A",null]}]', "Patient.name[0].given[1]"),
        ('"name":[{"given":["A"],"_given":[null,null]}]', "Patient.name[0].given"),
        ('"contained":[{"resourceType":"Nonsense"}]', "Patient.contained[0]"),
        (
            '"extension":[{"url":"http://example.org/e","valueString":"a","valueCode":"b"}]',
            "Patient.extension[0].value",
        ),
        ('"link":[{"other":{"reference":"Patient/1"}}]', "Patient.link[0].type"),
    ],
)
def test_an_issue_tells_where_it_is(fhir: FhirClient, member: str, expression: str) -> None:
    issues = issues_of(fhir.create(f'{{"resourceType":"Patient",{member}}}'.encode(), type="Patient"), 400)
    assert expression in {each for issue in issues for each in issue.get("expression", ())}


def test_an_issue_repeats_no_value_of_the_resource(fhir: FhirClient) -> None:
    text = fhir.create(
        patient(gender=[FAMILY], birthDate=FAMILY, telecom=[{"system": {"x": CPF}, "value": [CPF]}])
    ).text
    assert FAMILY not in text
    assert CPF not in text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "", {"OPTIONS"}),
        ("POST", "", {"OPTIONS"}),
        ("PUT", "metadata", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "Patient", {"POST"}),
        ("PUT", "Patient", {"POST"}),
        ("DELETE", "Patient", {"POST"}),
        ("OPTIONS", "Patient", {"POST"}),
        ("POST", "Patient/{id}", {"GET", "HEAD", "PUT", "DELETE"}),
        ("PATCH", "Patient/{id}", {"GET", "HEAD", "PUT", "DELETE"}),
        ("TRACE", "Patient/{id}", {"GET", "HEAD", "PUT", "DELETE"}),
        ("POST", "Patient/{id}/_history", {"GET", "HEAD"}),
        ("PUT", "Patient/{id}/_history/1", {"GET", "HEAD"}),
        ("DELETE", "Patient/{id}/_history/1", {"GET", "HEAD"}),
        ("DELETE", "Patient/_history", {"GET", "HEAD"}),
        ("POST", "_history", {"GET", "HEAD"}),
    ],
)
def test_a_method_that_means_nothing_is_not_allowed(
    fhir: FhirClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = fhir.send(method, path.format(id=some_id()))
    issue = issue_of(answer, 405)
    assert issue["code"] == "not-supported"
    assert set(answer.headers["allow"].split(", ")) == allowed
    assert all(each in issue["diagnostics"] for each in allowed)


@pytest.mark.parametrize(
    "path",
    [
        "Patient/1/_history/1/2",
        "Patient/$everything",
        "Patient/1/$validate",
        "Patient/_search",
        "Patient/1/2",
        "$export",
    ],
)
def test_a_path_that_leads_nowhere_is_not_found(fhir: FhirClient, path: str) -> None:
    assert issue_of(fhir.get(path), 404)["code"] == "not-supported"


@pytest.mark.parametrize(
    ("method", "path", "known"),
    [
        ("GET", "Patient/{id}?name=x", "_elements, _format, _pretty, _summary"),
        ("GET", "Patient/{id}/_history/1?_count=1", "_elements, _format, _pretty, _summary"),
        (
            "GET",
            "Patient/_history?name=x",
            "_at, _count, _cursor, _elements, _format, _list, _pretty, _since, _summary",
        ),
        ("DELETE", "Patient/{id}?x=1", "_elements, _format, _pretty, _summary"),
        ("GET", "metadata?x=1", "_elements, _format, _pretty, _summary, mode"),
    ],
)
def test_an_unknown_parameter_is_refused_with_what_is_accepted(
    fhir: FhirClient, method: str, path: str, known: str
) -> None:
    stored = fhir.stored(patient())
    asked = path.format(id=stored["id"])
    for headers in ({}, {"prefer": "handling=strict"}):
        issue = issue_of(fhir.send(method, asked, **headers), 400)
        assert issue["code"] == "not-supported"
        assert asked.partition("?")[2].partition("=")[0] in issue["diagnostics"]
        assert issue["diagnostics"].endswith(f"it knows {known}.")
    assert fhir.send(method, asked, prefer="handling=lenient").status_code in (200, 204)


def test_an_unknown_parameter_stops_a_write(fhir: FhirClient) -> None:
    sent = patient()
    for answer in (fhir.update(sent, query="?x=1"), fhir.create(sent, query="?x=1")):
        assert issue_of(answer, 400)["code"] == "not-supported"
    assert fhir.get(place_of(sent)).status_code == 404
    assert fhir.update(sent, query="?x=1", prefer="handling=lenient").status_code == 201


def test_a_name_that_may_be_a_value_is_not_repeated(fhir: FhirClient) -> None:
    stored = fhir.stored(patient())
    issue = issue_of(fhir.get(f"{place_of(stored)}?{CPF}=1"), 400)
    assert CPF not in issue["diagnostics"]


@pytest.mark.parametrize("query", ["%ff=1", "_pretty=%ff", "&".join(f"a{n}=1" for n in range(300))])
def test_a_query_that_cannot_be_read_is_refused(fhir: FhirClient, query: str) -> None:
    assert "query" in issue_of(fhir.get(f"metadata?{query}"), 400)["diagnostics"]


@pytest.mark.parametrize(
    "path", ["Patient/{id}", "Patient/{id}/_history", "Nonsense", "Patient?x=1", "metadata?mode=x"]
)
def test_an_error_is_never_html(fhir: FhirClient, path: str) -> None:
    answer = fhir.get(path.format(id=some_id()), accept="text/html, application/xhtml+xml, */*;q=0.8")
    assert answer.status_code in (400, 404, 405)
    assert issues_of(answer, answer.status_code)
    assert "Traceback" not in answer.text


def test_an_error_is_answered_in_the_media_type_asked_for(fhir: FhirClient) -> None:
    answer = fhir.get(f"Patient/{some_id()}", accept="application/json")
    assert answer.headers["content-type"] == "application/json;charset=utf-8"


def test_the_outcome_of_an_error_is_a_valid_resource(fhir: FhirClient) -> None:
    outcome = fhir.create(observation(status=None)).json()
    assert answered(fhir.create(outcome), 201)["issue"] == outcome["issue"]
