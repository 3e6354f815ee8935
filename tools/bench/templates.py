"""Synthetic resources of the nine types that the benchmark uses, 1.5 kB on average, the same for each seed.

The text `ID_MARKER` stands where an update puts the id, `SERIAL_MARKER` where each request puts a number, so
that every update changes something.
"""

import json
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Any

Json = dict[str, Any]

ID_MARKER = "bench.id.marker"
SERIAL_MARKER = "bench.serial.marker"
SYSTEM = "urn:oid:2.16.76.1.99"

_GIVEN = ("Ana", "João", "Maria", "Pedro", "Luiza", "Antônio", "Francisca", "Márcio", "Inês", "Caetano")
_FAMILY = ("Silva", "Souza", "Oliveira", "Araújo", "Gonçalves", "Nascimento", "Conceição", "Brandão")
_CITIES = (("São Paulo", "SP"), ("Recife", "PE"), ("Belém", "PA"), ("Curitiba", "PR"), ("Goiânia", "GO"))
_STREETS = ("Rua das Acácias", "Avenida Brasil", "Travessa do Comércio", "Alameda dos Ipês")
_VITALS = (
    ("8867-4", "Heart rate", "/min"),
    ("9279-1", "Respiratory rate", "/min"),
    ("8310-5", "Temp", "Cel"),
)
_DRUGS = ("Dipirona 500 mg comprimido", "Losartana 50 mg comprimido", "Amoxicilina 500 mg cápsula")
_SERVICES = ("Consulta em clínica médica", "Hemograma completo", "Radiografia de tórax", "Curativo simples")


def body_of(resource: Json) -> bytes:
    """Return the resource as JSON with the id marker and an identifier that holds the serial marker."""
    content = {key: value for key, value in resource.items() if key not in ("resourceType", "id")}
    mark = {"system": SYSTEM, "value": SERIAL_MARKER}
    content["identifier"] = [*content.get("identifier", []), mark]
    marked = {"resourceType": resource["resourceType"], "id": ID_MARKER, **content}
    return json.dumps(marked, ensure_ascii=False, separators=(",", ":")).encode()


def synthetic_bodies(*, each: int, seed: int = 1) -> list[tuple[str, bytes]]:
    """Return `each` bodies of each type, as (type, body), the types taking turns."""
    random = Random(seed)
    return [(name, body_of(make(random))) for _ in range(each) for name, make in TEMPLATES.items()]


def _coding(system: str, code: str, display: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _reference(random: Random, name: str) -> Json:
    number = random.getrandbits(128)
    text = f"{number:032x}"
    return {"reference": f"{name}/{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"}


def _moment(random: Random) -> str:
    day, hour, minute = random.randint(10, 28), random.randint(10, 18), random.randint(10, 59)
    return f"202{random.randint(0, 6)}-{random.randint(10, 12)}-{day}T{hour}:{minute}:07-03:00"


def _money(random: Random) -> Json:
    return {"value": random.randint(1000, 99999) / 100, "currency": "BRL"}


def _identifier(random: Random, kind: str) -> Json:
    return {
        "use": "official",
        "type": _coding("http://terminology.hl7.org/CodeSystem/v2-0203", kind, f"Identifier {kind}"),
        "system": f"{SYSTEM}.{kind.lower()}",
        "value": str(random.randint(10**10, 10**11 - 1)),
    }


def _name(random: Random) -> Json:
    given, family = random.choices(_GIVEN, k=2), random.choices(_FAMILY, k=2)
    text = " ".join(given + family)
    return {"use": "official", "text": text, "family": " ".join(family), "given": given}


def _address(random: Random) -> Json:
    city, state = random.choice(_CITIES)
    line = f"{random.choice(_STREETS)}, {random.randint(1, 3000)}"
    return {
        "use": "home",
        "type": "physical",
        "text": f"{line}, {city} - {state}",
        "line": [line, f"Apto {random.randint(1, 200)}"],
        "city": city,
        "state": state,
        "postalCode": f"{random.randint(10000, 99999)}-{random.randint(100, 999)}",
        "country": "BR",
    }


def _telecom(random: Random) -> list[Json]:
    number = random.randint(10**7, 10**8 - 1)
    return [
        {"system": "phone", "value": f"+55 11 9{number}", "use": "mobile", "rank": 1},
        {"system": "email", "value": f"contato{number}@example.org", "use": "home"},
    ]


def _narrative(text: str) -> Json:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'}


def _patient(random: Random) -> Json:
    name = _name(random)
    return {
        "resourceType": "Patient",
        "text": _narrative(f"{name['text']}, residente no Brasil"),
        "identifier": [_identifier(random, "TAX"), _identifier(random, "JHN")],
        "active": True,
        "name": [name],
        "telecom": _telecom(random),
        "gender": random.choice(("female", "male")),
        "birthDate": f"{random.randint(1930, 2024)}-0{random.randint(1, 9)}-{random.randint(10, 28)}",
        "address": [_address(random)],
        "maritalStatus": _coding("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "M", "Married"),
        "contact": [{"name": _name(random), "telecom": _telecom(random)[:1]}],
        "communication": [{"language": _coding("urn:ietf:bcp:47", "pt-BR", "Português"), "preferred": True}],
    }


def _practitioner(random: Random) -> Json:
    degree = _coding("http://terminology.hl7.org/CodeSystem/v2-0360", "MD", "Doctor of Medicine")
    return {
        "resourceType": "Practitioner",
        "identifier": [_identifier(random, "MD"), _identifier(random, "TAX")],
        "active": True,
        "name": [_name(random)],
        "telecom": _telecom(random),
        "address": [_address(random)],
        "gender": random.choice(("female", "male")),
        "qualification": [
            {"code": degree, "period": {"start": "2010-12-15"}, "issuer": _reference(random, "Organization")}
        ],
    }


def _organization(random: Random) -> Json:
    kind = _coding("http://terminology.hl7.org/CodeSystem/organization-type", "prov", "Healthcare Provider")
    return {
        "resourceType": "Organization",
        "identifier": [_identifier(random, "PRN"), _identifier(random, "TAX")],
        "active": True,
        "type": [kind],
        "name": f"Clínica {random.choice(_FAMILY)} e {random.choice(_FAMILY)} Ltda.",
        "alias": [f"Clínica {random.choice(_FAMILY)}"],
        "telecom": _telecom(random),
        "address": [{**_address(random), "use": "work"}],
        "contact": [{"name": _name(random), "telecom": _telecom(random)}],
    }


def _location(random: Random) -> Json:
    kind = _coding("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "OUTPHARM", "Outpatient unit")
    return {
        "resourceType": "Location",
        "identifier": [_identifier(random, "PRN")],
        "status": "active",
        "name": f"Unidade {random.choice(_FAMILY)}",
        "description": "Recepção, consultórios e sala de coleta no primeiro pavimento, com acesso por rampa",
        "mode": "instance",
        "type": [kind],
        "telecom": _telecom(random),
        "address": {**_address(random), "use": "work"},
        "position": {"longitude": -46.0 - random.random(), "latitude": -23.0 - random.random()},
        "managingOrganization": _reference(random, "Organization"),
        "hoursOfOperation": [
            {"daysOfWeek": ["mon", "tue", "wed"], "openingTime": "08:00:00", "closingTime": "18:00:00"}
        ],
    }


def _encounter(random: Random) -> Json:
    start = _moment(random)
    role = _coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "PPRF", "primary performer")
    return {
        "resourceType": "Encounter",
        "identifier": [_identifier(random, "VN")],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [_coding("http://snomed.info/sct", "185345009", "Encounter for symptom")],
        "subject": {**_reference(random, "Patient"), "display": _name(random)["text"]},
        "participant": [{"type": [role], "period": {"start": start}, "individual": _reference(random, "Practitioner")}],
        "period": {"start": start, "end": start},
        "reasonCode": [_coding("http://snomed.info/sct", "195662009", "Acute viral pharyngitis")],
        "location": [{"location": {**_reference(random, "Location"), "display": "Consultório 3"}}],
        "serviceProvider": {**_reference(random, "Organization"), "display": "Clínica"},
    }


def _observation(random: Random) -> Json:
    code, display, unit = random.choice(_VITALS)
    moment = _moment(random)
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    quantity = {"value": random.randint(300, 1800) / 10, "unit": unit}
    return {
        "resourceType": "Observation",
        "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/vitalsigns"]},
        "identifier": [_identifier(random, "FILL")],
        "status": "final",
        "category": [_coding(category, "vital-signs", "Vital Signs")],
        "code": _coding("http://loinc.org", code, display),
        "subject": _reference(random, "Patient"),
        "encounter": _reference(random, "Encounter"),
        "effectiveDateTime": moment,
        "issued": moment,
        "performer": [_reference(random, "Practitioner")],
        "valueQuantity": {**quantity, "system": "http://unitsofmeasure.org", "code": unit},
        "referenceRange": [{"low": {"value": 60, "unit": unit}, "high": {"value": 100, "unit": unit}}],
    }


def _medication_request(random: Random) -> Json:
    timing = {"repeat": {"frequency": random.randint(1, 4), "period": 1, "periodUnit": "d"}}
    dose = {"value": random.randint(1, 3), "unit": "comprimido"}
    return {
        "resourceType": "MedicationRequest",
        "identifier": [_identifier(random, "PLAC")],
        "status": random.choice(("active", "completed")),
        "intent": "order",
        "medicationCodeableConcept": {"text": random.choice(_DRUGS)},
        "subject": _reference(random, "Patient"),
        "encounter": _reference(random, "Encounter"),
        "authoredOn": _moment(random),
        "requester": {**_reference(random, "Practitioner"), "display": _name(random)["text"]},
        "note": [{"text": "Suspender o uso em caso de reação alérgica e procurar a unidade de saúde"}],
        "dosageInstruction": [
            {
                "sequence": 1,
                "text": "Tomar após as refeições com um copo de água",
                "timing": timing,
                "route": _coding("http://snomed.info/sct", "26643006", "Oral route"),
                "doseAndRate": [{"doseQuantity": dose}],
            }
        ],
        "dispenseRequest": {"numberOfRepeatsAllowed": 2, "quantity": dose},
    }


def _claim_items(random: Random) -> list[Json]:
    return [
        {
            "sequence": number,
            "productOrService": _coding(f"{SYSTEM}.22", str(random.randint(10**7, 10**8)), name),
            "servicedDate": _moment(random)[:10],
            "quantity": {"value": 1},
            "unitPrice": _money(random),
            "net": _money(random),
        }
        for number, name in enumerate(random.sample(_SERVICES, k=3), start=1)
    ]


def _claim_head(random: Random) -> Json:
    return {
        "identifier": [_identifier(random, "FILL")],
        "status": "active",
        "type": _coding("http://terminology.hl7.org/CodeSystem/claim-type", "professional", "Professional"),
        "use": "claim",
        "patient": {**_reference(random, "Patient"), "display": _name(random)["text"]},
        "billablePeriod": {"start": _moment(random), "end": _moment(random)},
        "created": _moment(random),
        "insurer": _reference(random, "Organization"),
        "provider": _reference(random, "Organization"),
        "priority": _coding("http://terminology.hl7.org/CodeSystem/processpriority", "normal", "Normal"),
    }


def _claim(random: Random) -> Json:
    coverage = {"sequence": 1, "focal": True, "coverage": {"display": "Plano Ambulatorial"}}
    return {
        "resourceType": "Claim",
        **_claim_head(random),
        "insurance": [coverage],
        "item": _claim_items(random),
        "total": _money(random),
    }


def _explanation_of_benefit(random: Random) -> Json:
    adjudication = "http://terminology.hl7.org/CodeSystem/adjudication"
    submitted = _coding(adjudication, "submitted", "Submitted Amount")
    benefit = _coding(adjudication, "benefit", "Benefit Amount")
    items = [
        {**item, "adjudication": [{"category": submitted, "amount": _money(random)}]} for item in _claim_items(random)
    ]
    return {
        "resourceType": "ExplanationOfBenefit",
        **_claim_head(random),
        "claim": _reference(random, "Claim"),
        "outcome": "complete",
        "insurance": [{"focal": True, "coverage": {"display": "Plano Ambulatorial"}}],
        "item": items,
        "total": [
            {"category": submitted, "amount": _money(random)},
            {"category": benefit, "amount": _money(random)},
        ],
        "payment": {"date": _moment(random)[:10], "amount": _money(random)},
    }


TEMPLATES: Mapping[str, Callable[[Random], Json]] = MappingProxyType(
    {
        "Patient": _patient,
        "Practitioner": _practitioner,
        "Organization": _organization,
        "Encounter": _encounter,
        "Observation": _observation,
        "MedicationRequest": _medication_request,
        "Claim": _claim,
        "ExplanationOfBenefit": _explanation_of_benefit,
        "Location": _location,
    }
)
