"""Small pieces of FHIR JSON: what several resources of the demo clinic are made of.

https://hl7.org/fhir/R4/datatypes.html
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

from fhir_server.demo import systems

Element: TypeAlias = dict[str, Any]
Resource: TypeAlias = dict[str, Any]

SAO_PAULO = timezone(timedelta(hours=-3))
"""The time zone of the clinic; Brazil has had no daylight saving time since 2019."""


def resource(kind: str, logical_id: str, *, profile: str | None = None, **elements: object) -> Resource:
    """Return a resource marked as test data, without the elements that are None, empty text or empty list."""
    meta: Element = {} if profile is None else {"profile": [profile]}
    meta["tag"] = [coding(systems.ACT_REASON, "HTEST", "test health data")]
    return {"resourceType": kind, "id": logical_id, "meta": meta, **present(elements)}


def present(elements: Mapping[str, object]) -> Element:
    """Return `elements` without those that are None, empty text or empty list: FHIR has no such values."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}


def coding(system: str, code: str, display: str | None = None) -> Element:
    """Return a Coding."""
    return present({"system": system, "code": code, "display": display})


def concept(system: str, code: str, display: str | None = None, *, text: str | None = None) -> Element:
    """Return a CodeableConcept of one coding."""
    return present({"coding": [coding(system, code, display)], "text": text})


def identifier(system: str, value: str, kind: str | None = None) -> Element:
    """Return an official Identifier; `kind` is its code in HL7's table 0203."""
    return present(
        {
            "use": "official",
            "type": None if kind is None else concept(systems.IDENTIFIER_TYPE, kind),
            "system": system,
            "value": value,
        }
    )


def extension(url: str, kind: str, value: object) -> Element:
    """Return an Extension with `value`, whose element is `valueKind`."""
    return {"url": url, "value" + kind: value}


def reference(target: Resource, display: str | None = None) -> Element:
    """Return a Reference to `target`, relative to the server's base."""
    return present({"reference": f"{target['resourceType']}/{target['id']}", "display": display})


def quantity(value: float, unit: str, code: str | None = None) -> Element:
    """Return a Quantity in UCUM; `code` is the UCUM code where it is not written as the unit is."""
    return {"value": value, "unit": unit, "system": systems.UCUM, "code": code or unit}


def human_name(use: str, given: Sequence[str], family: str, *, prefix: str | None = None) -> Element:
    """Return a HumanName with its parts and the whole as text."""
    words = [prefix or "", *given, family]
    return present(
        {
            "use": use,
            "text": " ".join(word for word in words if word),
            "family": family,
            "given": list(given),
            "prefix": [prefix] if prefix else None,
        }
    )


def moment(when: datetime) -> str:
    """Return `when` as a FHIR dateTime or instant with seconds in the time zone of the clinic."""
    return when.astimezone(SAO_PAULO).isoformat(timespec="seconds")


def period(start: datetime, end: datetime | None = None) -> Element:
    """Return a Period of moments; open where it has no end."""
    return present({"start": moment(start), "end": None if end is None else moment(end)})
