"""What a patient signs and shows at the desk: the consent under the data protection law, the health plan."""

from datetime import date, datetime, time, timedelta

from fhir_server.demo import systems
from fhir_server.demo.chance import chance, resource_id
from fhir_server.demo.clinic import Clinic
from fhir_server.demo.elements import (
    SAO_PAULO,
    Element,
    Resource,
    coding,
    concept,
    extension,
    identifier,
    moment,
    reference,
    resource,
)
from fhir_server.demo.patient import Registered

_LAW = "https://www.planalto.gov.br/ccivil_03/_ato2015-2018/2018/lei/l13709.htm"
_INSURED = 0.45


def consent(seed: int, registered: Registered, clinic: Clinic, *, today: date) -> Resource:
    """Return the Consent to treat personal data for care, signed by the patient or the mother of a minor.

    About one in twelve refuses that data be used for research; then a second provision says so.
    """
    index = registered.person.index
    draw = chance(seed, "consent", index)
    signed_on = (registered.person.died or today) - timedelta(days=draw.randrange(1, 700))
    signed_on = max(signed_on, registered.person.born)
    when = datetime.combine(signed_on, time(8, draw.randrange(60)), SAO_PAULO)
    signer = registered.guardian or registered.patient
    return resource(
        "Consent",
        resource_id(seed, "consent", index),
        profile=systems.BR_CORE + "br-core-consent",
        extension=[_legal_basis("TUTSAUDE")],
        status="active",
        scope=concept(systems.HL7_TERMINOLOGY + "consentscope", "patient-privacy", "Privacy Consent"),
        category=[concept(systems.LOINC, "59284-0", "Consent Document")],
        patient=registered.subject,
        dateTime=moment(when),
        performer=[reference(signer)],
        organization=[reference(clinic.organization)],
        policy=[{"authority": "https://www.gov.br/anpd", "uri": _LAW}],
        verification=[{"verified": True, "verifiedWith": reference(signer), "verificationDate": moment(when)}],
        provision=_provision(refuses_research=draw.random() < 1 / 12),
    )


def coverage(seed: int, registered: Registered, clinic: Clinic, *, today: date) -> Resource | None:
    """Return the Coverage of those who have a health plan, None for those who pay by themselves."""
    index = registered.person.index
    draw = chance(seed, "coverage", index)
    if draw.random() >= _INSURED:
        return None
    card = f"{draw.randrange(10**12):012}"
    start = max(today - timedelta(days=draw.randrange(100, 2500)), registered.person.born)
    dependent = registered.guardian is not None
    return resource(
        "Coverage",
        resource_id(seed, "coverage", index),
        identifier=[identifier(systems.CLINIC + "carteirinha", card)],
        status="active",
        type=concept(systems.ACT_CODE, "HIP", "health insurance plan policy"),
        subscriber=reference(registered.guardian or registered.patient),
        subscriberId=card,
        beneficiary=registered.subject,
        relationship=concept(
            systems.HL7_TERMINOLOGY + "subscriber-relationship",
            "child" if dependent else "self",
            "Child" if dependent else "Self",
        ),
        period={"start": start.isoformat()},
        payor=[reference(clinic.health_plan, clinic.health_plan["name"])],
    )


def _legal_basis(code: str) -> Element:
    basis = concept(systems.TERMINOLOGIA + "BRBaseLegalLGPD", code)
    return extension(systems.BR_CORE + "br-core-base-legal-lgpd", "CodeableConcept", basis)


def _provision(*, refuses_research: bool) -> Element:
    care = coding(systems.TERMINOLOGIA + "BRFinalidadeTratamentoDados", "ASSAUDE")
    research = coding(systems.TERMINOLOGIA + "BRFinalidadeTratamentoDados", "PESQCIE")
    found: Element = {"type": "permit", "purpose": [coding(systems.ACT_REASON, "TREAT", "treatment"), care]}
    if refuses_research:
        found["provision"] = [{"type": "deny", "purpose": [research]}]
    return found
