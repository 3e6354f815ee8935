"""One visit: the Encounter and what comes out of it (vital signs, diagnosis, prescription, laboratory)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fhir_server.demo import systems
from fhir_server.demo.agenda import Booking
from fhir_server.demo.ailments import Ailment, Medicine
from fhir_server.demo.chance import chance, resource_id
from fhir_server.demo.clinic import Clinic
from fhir_server.demo.elements import (
    Element,
    Resource,
    concept,
    moment,
    period,
    quantity,
    reference,
    resource,
)
from fhir_server.demo.laboratory import laboratory_results
from fhir_server.demo.patient import Registered
from fhir_server.demo.vital_signs import vital_signs

_CHECKUPS = ("Z000", "Z001")
_CONDITION = systems.HL7_TERMINOLOGY + "condition-"


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that took place: `known` is the Condition of an earlier visit for the same ailment."""

    registered: Registered
    booking: Booking
    appointment: Resource
    known: Resource | None

    @property
    def ailment(self) -> Ailment:
        """Return why the patient came."""
        return self.booking.ailment


def visit_resources(seed: int, visit: Visit, clinic: Clinic) -> Iterator[Resource]:
    """Yield the Encounter and everything recorded in it, what is referred to first."""
    encounter = _encounter(seed, visit)
    professional, start = visit.booking.professional, visit.booking.start
    yield encounter
    if not professional.post.remote:
        yield from vital_signs(
            seed,
            visit.registered.person,
            encounter,
            day=start.date(),
            performer=professional.practitioner,
            hypertensive=visit.ailment.code == "I10",
        )
    if visit.known is None and visit.ailment.code not in _CHECKUPS:
        yield _condition(seed, visit, encounter)
    if visit.ailment.medicine is not None:
        yield _prescription(seed, visit, encounter, medicine=visit.ailment.medicine)
    yield from laboratory_results(seed, visit.ailment.labs, encounter, ordered=start, laboratory=clinic.laboratory)


def _encounter(seed: int, visit: Visit) -> Resource:
    booking = visit.booking
    professional = booking.professional
    draw = chance(seed, "encounter", visit.appointment["id"])
    began = booking.start + timedelta(minutes=draw.randrange(0, 12))
    lasted = period(began, began + timedelta(minutes=draw.randrange(12, 28)))
    remote = professional.post.remote
    found = resource(
        "Encounter",
        resource_id(seed, "encounter", visit.appointment["id"]),
        identifier=[
            {
                "use": "usual",
                "system": systems.CLINIC + "atendimento",
                "value": resource_id(seed, "encounter-number", visit.appointment["id"])[:8].upper(),
            }
        ],
        status="finished",
        priority=concept(systems.TERMINOLOGIA + "BRCaraterAtendimento", "01", "Eletivo"),
        subject=visit.registered.subject,
        appointment=[reference(visit.appointment)],
        participant=[
            {
                "type": [concept(systems.TERMINOLOGIA + "BRResponsabilidadeParticipante", "atendimento")],
                "period": lasted,
                "individual": reference(professional.practitioner),
            }
        ],
        period=lasted,
        reasonCode=[visit.ailment.concept],
        reasonReference=None if visit.known is None else [reference(visit.known)],
        location=None if remote else [{"location": reference(professional.room)}],
        serviceProvider=professional.role["organization"],
    )
    found["class"] = _class(remote=remote)
    return found


def _class(*, remote: bool) -> Element:
    code, display = ("VR", "virtual") if remote else ("AMB", "ambulatory")
    return {"system": systems.ACT_CODE, "code": code, "display": display}


def _condition(seed: int, visit: Visit, encounter: Resource) -> Resource:
    ailment = visit.ailment
    lasting = ("active", "Active") if ailment.chronic else ("resolved", "Resolved")
    category = (
        ("problem-list-item", "Problem List Item")
        if ailment.chronic
        else ("encounter-diagnosis", "Encounter Diagnosis")
    )
    start = visit.booking.start
    onset = max(start.date() - timedelta(days=90 if ailment.chronic else 3), visit.registered.person.born)
    return resource(
        "Condition",
        resource_id(seed, "condition", encounter["id"]),
        clinicalStatus=concept(_CONDITION + "clinical", *lasting),
        verificationStatus=concept(_CONDITION + "ver-status", "confirmed", "Confirmed"),
        category=[concept(_CONDITION + "category", *category)],
        code=ailment.concept,
        subject=visit.registered.subject,
        encounter=reference(encounter),
        onsetDateTime=onset.isoformat(),
        abatementDateTime=None if ailment.chronic else (start.date() + timedelta(days=10)).isoformat(),
        recordedDate=moment(start),
        recorder=reference(visit.booking.professional.practitioner),
    )


def _prescription(seed: int, visit: Visit, encounter: Resource, *, medicine: Medicine) -> Resource:
    start = visit.booking.start
    chronic = visit.ailment.chronic
    return resource(
        "MedicationRequest",
        resource_id(seed, "prescription", encounter["id"]),
        identifier=[
            {
                "use": "official",
                "system": systems.CLINIC + "receita",
                "value": resource_id(seed, "prescription-number", encounter["id"])[:8].upper(),
            }
        ],
        status="active" if chronic else "completed",
        intent="order",
        medicationCodeableConcept=concept(systems.ATC, medicine.atc, text=medicine.name),
        subject=visit.registered.subject,
        encounter=reference(encounter),
        authoredOn=moment(start),
        requester=reference(visit.booking.professional.practitioner),
        reasonCode=[visit.ailment.concept],
        dosageInstruction=[_dosage(medicine)],
        dispenseRequest=_dispense(medicine, start, chronic=chronic),
    )


def _dosage(medicine: Medicine) -> Element:
    return {
        "text": medicine.text,
        "timing": {
            "repeat": {
                "boundsDuration": quantity(medicine.days, "d"),
                "frequency": medicine.times,
                "period": 1,
                "periodUnit": "d",
            }
        },
        "route": concept(systems.SNOMED, "26643006", "Oral route"),
        "doseAndRate": [{"doseQuantity": quantity(1, "{dose}")}],
    }


def _dispense(medicine: Medicine, start: datetime, *, chronic: bool) -> Element:
    valid = period(start, start + timedelta(days=180 if chronic else 10))
    found: Element = {"validityPeriod": valid, "quantity": quantity(medicine.times * medicine.days, "{dose}")}
    if chronic:
        found["numberOfRepeatsAllowed"] = 5
    return found
