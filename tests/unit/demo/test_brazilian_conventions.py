import re
from collections import Counter

from fhir_server.brazil import cnes, cnpj, cns, cpf, crm
from fhir_server.demo import systems
from fhir_server.demo.elements import Resource

RACE = systems.BR_IPS + "raca-br-ips"
BR_CORE_PATIENT = systems.BR_CORE + "br-core-patient"
E164_MOBILE = re.compile(r"\+55[1-9][0-9]9[0-9]{8}\Z")


def identifiers(resource: Resource) -> dict[str, str]:
    return {found["system"]: found["value"] for found in resource.get("identifier", [])}


def of_type(clinic: list[Resource], name: str) -> list[Resource]:
    return [resource for resource in clinic if resource["resourceType"] == name]


def test_every_patient_has_a_valid_cns_of_their_own(patients: list[Resource]) -> None:
    numbers = [identifiers(patient)[cns.SYSTEM] for patient in patients]
    assert all(cns.is_valid(number) and number.isdigit() for number in numbers)
    assert len(set(numbers)) == len(patients)
    assert {number[0] for number in numbers} >= {"1", "2", "7", "8"}


def test_every_cpf_is_valid_and_nobody_shares_one(clinic: list[Resource]) -> None:
    people = [
        found
        for name in ("Patient", "RelatedPerson", "Practitioner")
        for found in of_type(clinic, name)
        if cpf.SYSTEM in identifiers(found)
    ]
    numbers = Counter(identifiers(found)[cpf.SYSTEM] for found in people)
    assert all(cpf.is_valid(number) and number.isdigit() for number in numbers)
    assert max(numbers.values()) == 1


def test_a_few_foreigners_have_no_cpf_and_claim_no_profile(patients: list[Resource]) -> None:
    without = [patient for patient in patients if cpf.SYSTEM not in identifiers(patient)]
    assert 3 <= len(without) <= 10
    assert all("profile" not in patient["meta"] for patient in without)
    assert all(patient["meta"]["profile"] == [BR_CORE_PATIENT] for patient in patients if patient not in without)


def test_every_patient_has_gender_and_exactly_one_race(patients: list[Resource]) -> None:
    races: Counter[str] = Counter()
    for patient in patients:
        found = [each for each in patient["extension"] if each["url"] == RACE]
        assert len(found) == 1
        races[found[0]["valueCodeableConcept"]["coding"][0]["display"]] += 1
        assert patient["gender"] in ("female", "male")
    assert set(races) == {"Branca", "Preta", "Parda", "Amarela", "Indígena"}


def test_an_indigenous_patient_names_their_people(patients: list[Resource]) -> None:
    people = systems.BR_IPS + "povo-indigena-br-ips"
    for patient in patients:
        urls = {each["url"]: each for each in patient["extension"]}
        indigenous = urls[RACE]["valueCodeableConcept"]["coding"][0]["code"] == "05"
        assert (people in urls) == indigenous


def test_a_social_name_is_the_usual_name_beside_the_official_one(patients: list[Resource]) -> None:
    bearers = [patient for patient in patients if len(patient["name"]) > 1]
    assert 3 <= len(bearers) <= 10
    assert all([name["use"] for name in patient["name"]] == ["usual", "official"] for patient in bearers)
    assert all(patient["name"][0]["text"] != patient["name"][1]["text"] for patient in bearers)


def test_every_patient_has_an_official_name_and_a_mother(patients: list[Resource]) -> None:
    for patient in patients:
        assert patient["name"][-1]["use"] == "official"
        mother = patient["contact"][0]
        assert mother["relationship"][0]["coding"][0]["code"] == "MTH"
        assert mother["name"]["text"]


def test_ages_reach_from_newborn_to_very_old_and_some_have_died(patients: list[Resource]) -> None:
    births = sorted(patient["birthDate"] for patient in patients)
    assert births[-1] >= "2026-08-15"
    assert births[0] < "1945"
    assert 2 <= sum("deceasedDateTime" in patient for patient in patients) <= 8


def test_addresses_have_postal_code_state_and_the_code_of_the_municipality(patients: list[Resource]) -> None:
    for patient in patients:
        address = patient["address"][0]
        assert re.fullmatch(r"[0-9]{5}-[0-9]{3}", address["postalCode"])
        assert address["state"] in crm.STATES
        assert address["country"] == "BR"
        code = address["_city"]["extension"][0]["valueCoding"]["code"]
        assert re.fullmatch(r"[0-9]{6}", code)


def test_telephones_are_mobile_numbers_in_e164_that_reach_nobody(patients: list[Resource]) -> None:
    for patient in patients:
        number = patient["telecom"][0]["value"]
        assert E164_MOBILE.match(number)
        assert number[5:7] == "90"


def test_physicians_are_registered_in_the_council_of_a_state(clinic: list[Resource]) -> None:
    registered = Counter(
        system.removeprefix(crm.SYSTEM_PREFIX)
        for practitioner in of_type(clinic, "Practitioner")
        for system in identifiers(practitioner)
        if system.startswith(crm.SYSTEM_PREFIX)
    )
    assert registered["sp"] > 1
    assert len(registered) > 2
    assert all(state.upper() in crm.STATES for state in registered)


def test_every_practitioner_has_a_role_with_an_occupation_of_six_digits(clinic: list[Resource]) -> None:
    roles = of_type(clinic, "PractitionerRole")
    assert {role["practitioner"]["reference"] for role in roles} == {
        f"Practitioner/{practitioner['id']}" for practitioner in of_type(clinic, "Practitioner")
    }
    assert all(re.fullmatch(r"[0-9]{6}", role["code"][0]["coding"][0]["code"]) for role in roles)


def test_organizations_have_valid_registers_one_of_them_with_letters(clinic: list[Resource]) -> None:
    organizations = [identifiers(found) for found in of_type(clinic, "Organization")]
    companies = [found[cnpj.SYSTEM] for found in organizations]
    assert all(cnpj.is_valid(number) for number in companies)
    assert any(not number.isdigit() for number in companies)
    houses = [found[cnes.SYSTEM] for found in organizations if cnes.SYSTEM in found]
    assert len(houses) == 3
    assert all(cnes.is_valid(number) for number in houses)


def test_diaries_belong_to_services_as_br_core_asks(clinic: list[Resource]) -> None:
    for schedule in of_type(clinic, "Schedule"):
        assert schedule["active"] is True
        assert all(actor["reference"].startswith("HealthcareService/") for actor in schedule["actor"])


def test_prescriptions_keep_the_rules_of_br_core(clinic: list[Resource]) -> None:
    for prescription in of_type(clinic, "MedicationRequest"):
        assert len(prescription["identifier"]) == 1
        assert "priority" not in prescription
        assert len(prescription["dosageInstruction"]) == 1
        assert prescription["dispenseRequest"]["validityPeriod"]["start"] == prescription["authoredOn"]


def test_consents_name_their_legal_basis_and_minors_do_not_sign(
    clinic: list[Resource], patients: list[Resource]
) -> None:
    minors = {f"Patient/{patient['id']}" for patient in patients if patient["birthDate"] > "2008-09-14"}
    for consent in of_type(clinic, "Consent"):
        assert consent["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "TUTSAUDE"
        signer = consent["performer"][0]["reference"]
        assert signer.startswith("RelatedPerson/") == (consent["patient"]["reference"] in minors)
