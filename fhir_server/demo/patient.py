"""The Patient with identifiers, names and origin by the conventions of BR Core, and the mother of a minor.

A social name is the name of use `usual` beside the official one. A foreigner may have no CPF; then the CNS
identifies, and no profile is claimed, for BR Core asks for the CPF.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from fhir_server.brazil import cns, cpf
from fhir_server.demo import systems
from fhir_server.demo.chance import chance, cpf_of, definitive_cns_of, provisional_cns_of, resource_id
from fhir_server.demo.elements import (
    Element,
    Resource,
    coding,
    concept,
    extension,
    human_name,
    identifier,
    present,
    reference,
    resource,
)
from fhir_server.demo.person import ADULT, Person
from fhir_server.demo.places import (
    City,
    address,
    birth_city,
    city_elements,
    email,
    home_city,
    mobile_number,
    phone,
)
from fhir_server.demo.staff import Professional

_GUARDIAN_INDEX = 500_000_000
_GENDER_IDENTITY = {
    "female": concept(systems.SNOMED, "446141000124107", "Identifies as female gender"),
    "male": concept(systems.SNOMED, "446151000124109", "Identifies as male gender"),
}
_ETHNICITIES = (("0207", "TERENA"), ("0077", "KAINGANG (CAINGANGUE)"), ("X290", "GUARANI"))
_MARITAL = (("S", "Never Married"), ("M", "Married"), ("D", "Divorced"), ("T", "Domestic partner"))
_MOTHER = concept(systems.ROLE_CODE, "MTH", "mother")


@dataclass(frozen=True, slots=True)
class Registered:
    """A person as the clinic knows them: the Patient and, for a minor, the mother as RelatedPerson."""

    person: Person
    patient: Resource
    guardian: Resource | None

    @property
    def subject(self) -> Element:
        """Return the Reference to the patient that other resources carry."""
        return reference(self.patient)


def register(seed: int, person: Person, *, today: date, clinic: Resource, general: Professional) -> Registered:
    """Return the resources that register `person`; `general` is the practitioner who answers for them."""
    draw = chance(seed, "patient", person.index)
    home = home_city(draw)
    number = mobile_number(draw, home)
    minor = person.age_on(today) < ADULT
    home_address = address(draw, home, use="home")
    patient = resource(
        "Patient",
        resource_id(seed, "patient", person.index),
        profile=None if person.country else systems.BR_CORE + "br-core-patient",
        language="pt-BR",
        extension=_extensions(draw, person, home),
        identifier=_identifiers(seed, person, draw, minor=minor),
        active=True,
        name=_names(person),
        telecom=[
            phone(number, "mobile"),
            *([email(f"paciente{person.index + 1}")] if not minor and draw.random() < 0.6 else []),
        ],
        gender=person.gender,
        birthDate=person.born.isoformat(),
        deceasedDateTime=None if person.died is None else person.died.isoformat(),
        address=[home_address],
        maritalStatus=None if minor else _marital_status(draw),
        contact=[_mother(person, number if minor else None)],
        communication=[{"language": concept("urn:ietf:bcp:47", "pt-BR", text="Português (Brasil)"), "preferred": True}],
        generalPractitioner=[reference(general.practitioner)],
        managingOrganization=reference(clinic),
    )
    guardian = _guardian(seed, person, patient, number=number, home=home_address) if minor else None
    return Registered(person, patient, guardian)


def _identifiers(seed: int, person: Person, draw: Random, *, minor: bool) -> list[Element]:
    provisional = person.country is not None or (minor and draw.random() < 0.5)
    card = (provisional_cns_of if provisional else definitive_cns_of)(seed, person.index)
    found = [identifier(cns.SYSTEM, card, "HC")]
    if person.country is None:
        found.insert(0, identifier(cpf.SYSTEM, cpf_of(seed, person.index), "TAX"))
    elif draw.random() < 0.6:
        found.append(identifier(systems.SID + "rne", f"V{draw.randrange(10**6):06}-{draw.randrange(10)}", "RNE"))
    return found


def _names(person: Person) -> list[Element]:
    official = human_name("official", person.given, person.family)
    if person.social_name is None:
        return [official]
    return [human_name("usual", (person.social_name,), person.family), official]


def _extensions(draw: Random, person: Person, home: City) -> list[Element]:
    code, display = person.race
    race = concept(systems.TERMINOLOGIA + "BRRacaCor", code, display)
    sex = concept("http://hl7.org/fhir/administrative-gender", person.sex, person.sex.capitalize())
    found = [
        extension(systems.BR_IPS + "raca-br-ips", "CodeableConcept", race),
        extension(systems.BR_IPS + "sexo-nascimento-br-ips", "CodeableConcept", sex),
        extension(systems.HL7_EXTENSION + "patient-birthPlace", "Address", _birthplace(draw, person, home)),
    ]
    if code == "05":
        people = concept(systems.TERMINOLOGIA + "BREtniaIndigena", *draw.choice(_ETHNICITIES))
        found.append(extension(systems.BR_IPS + "povo-indigena-br-ips", "CodeableConcept", people))
    if person.social_name is not None:
        identity = _GENDER_IDENTITY[person.gender]
        found.append(extension(systems.BR_IPS + "identidade-genero-br-ips", "CodeableConcept", identity))
    return found


def _birthplace(draw: Random, person: Person, home: City) -> Element:
    if person.country is not None:
        code, city = person.country
        return {"city": city, "country": code}
    return {**city_elements(birth_city(draw, home)), "country": "BR"}


def _marital_status(draw: Random) -> Element:
    code, display = draw.choices(_MARITAL, (40, 40, 10, 10))[0]
    return concept(systems.HL7_TERMINOLOGY + "v3-MaritalStatus", code, display)


def _mother(person: Person, number: str | None) -> Element:
    return present(
        {
            "relationship": [_MOTHER],
            "name": _mother_name(person),
            "telecom": [] if number is None else [phone(number, "mobile")],
            "gender": "female",
        }
    )


def _mother_name(person: Person) -> Element:
    *given, family = person.mother.split(" ")
    return human_name("official", given, family)


def _guardian(seed: int, person: Person, patient: Resource, *, number: str, home: Element) -> Resource:
    return resource(
        "RelatedPerson",
        resource_id(seed, "guardian", person.index),
        identifier=[identifier(cpf.SYSTEM, cpf_of(seed, _GUARDIAN_INDEX + person.index), "TAX")],
        active=True,
        patient=reference(patient),
        relationship=[
            {"coding": [*_MOTHER["coding"], coding(systems.ROLE_CODE, "GUARD", "guardian")]},
        ],
        name=[_mother_name(person)],
        telecom=[phone(number, "mobile")],
        gender="female",
        birthDate=person.mother_born.isoformat(),
        address=[home],
    )
