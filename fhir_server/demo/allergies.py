"""Allergies that patients report; most report none."""

from dataclasses import dataclass
from datetime import date, timedelta

from fhir_server.demo import systems
from fhir_server.demo.chance import chance, resource_id
from fhir_server.demo.elements import Element, Resource, concept, reference, resource
from fhir_server.demo.patient import Registered
from fhir_server.demo.staff import Professional

_SHARE = 0.16
_STATUS = systems.HL7_TERMINOLOGY + "allergyintolerance-"


@dataclass(frozen=True, slots=True)
class _Allergen:
    category: str
    criticality: str
    code: Element
    manifestation: Element


_HIVES = concept(systems.SNOMED, "126485001", "Urticaria")
_ITCHING = concept(systems.SNOMED, "418363000", "Itching of skin")
_ANAPHYLAXIS = concept(systems.SNOMED, "39579001", "Anaphylaxis")
_ALLERGENS = (
    _Allergen("medication", "high", concept(systems.ATC, "J01C", text="Penicilinas"), _ANAPHYLAXIS),
    _Allergen("medication", "low", concept(systems.ATC, "N02BB02", text="Dipirona"), _HIVES),
    _Allergen("medication", "low", concept(systems.ATC, "M01AE01", text="Ibuprofeno"), _HIVES),
    _Allergen("food", "high", concept(systems.SNOMED, "735029006", "Shellfish", text="Crustáceos"),
              _ANAPHYLAXIS),
    _Allergen("food", "low", concept(systems.SNOMED, "3718001", "Cow's milk", text="Leite de vaca"), _HIVES),
    _Allergen("environment", "low", concept(systems.SNOMED, "260147004", "House dust mite", text="Ácaros"),
              _ITCHING),
)  # fmt: skip


def allergy(seed: int, registered: Registered, *, recorder: Professional, today: date) -> Resource | None:
    """Return the AllergyIntolerance of those who report one, None for the others."""
    index = registered.person.index
    draw = chance(seed, "allergy", index)
    if draw.random() >= _SHARE:
        return None
    allergen = draw.choice(_ALLERGENS)
    last = registered.person.died or today
    recorded = max(last - timedelta(days=draw.randrange(1, 700)), registered.person.born)
    return resource(
        "AllergyIntolerance",
        resource_id(seed, "allergy", index),
        clinicalStatus=concept(_STATUS + "clinical", "active", "Active"),
        verificationStatus=concept(_STATUS + "verification", "confirmed", "Confirmed"),
        type="allergy",
        category=[allergen.category],
        criticality=allergen.criticality,
        code=allergen.code,
        patient=registered.subject,
        recordedDate=recorded.isoformat(),
        recorder=reference(recorder.practitioner),
        reaction=[{"manifestation": [allergen.manifestation]}],
    )
