"""Vital signs of a visit, one Observation each, by the vital-signs profiles of R4.

https://hl7.org/fhir/R4/observation-vitalsigns.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from random import Random

from fhir_server.demo import systems
from fhir_server.demo.chance import chance, resource_id
from fhir_server.demo.elements import Element, Resource, concept, quantity, reference, resource
from fhir_server.demo.person import ADULT, Person

_GROWTH = (
    (0.0, 50.0, 3.4), (0.5, 66.0, 7.6), (1.0, 75.0, 9.6), (2.0, 86.0, 12.2), (5.0, 109.0, 18.5),
    (10.0, 138.0, 32.0), (15.0, 166.0, 54.0), (18.0, 168.0, 62.0),
)  # fmt: skip
"""Age in years, height in centimetres, weight in kilograms: medians, rounded."""

_INFANT = 2
_CATEGORY = concept(systems.HL7_TERMINOLOGY + "observation-category", "vital-signs", "Vital Signs")


@dataclass(frozen=True, slots=True)
class Sign:
    """A vital sign: its LOINC code, its profile in R4, its unit and the UCUM code of that."""

    code: str
    display: str
    profile: str
    unit: str
    ucum: str


_HEIGHT = Sign("8302-2", "Body height", "bodyheight", "cm", "cm")
_WEIGHT = Sign("29463-7", "Body weight", "bodyweight", "kg", "kg")
_BMI = Sign("39156-5", "Body mass index (BMI) [Ratio]", "bmi", "kg/m2", "kg/m2")
_HEAD = Sign("9843-4", "Head Occipital-frontal circumference", "headcircum", "cm", "cm")
_PULSE = Sign("8867-4", "Heart rate", "heartrate", "/min", "/min")
_BREATHS = Sign("9279-1", "Respiratory rate", "resprate", "/min", "/min")
_TEMPERATURE = Sign("8310-5", "Body temperature", "bodytemp", "°C", "Cel")
_OXYGEN = Sign("2708-6", "Oxygen saturation in Arterial blood", "oxygensat", "%", "%")
_PRESSURE = Sign("85354-9", "Blood pressure panel with all children optional", "bp", "mmHg", "mm[Hg]")


def vital_signs(
    seed: int, person: Person, encounter: Resource, *, day: date, performer: Resource, hypertensive: bool
) -> Iterator[Resource]:
    """Yield the Observations measured by `performer` at `encounter`, which took place on `day`."""
    draw = chance(seed, "vital-signs", encounter["id"])
    measured: list[tuple[Sign, dict[str, object]]] = [
        (sign, {"valueQuantity": quantity(value, sign.unit, sign.ucum)})
        for sign, value in _measure(draw, person, day, seed=seed)
    ]
    if person.age_on(day) >= ADULT // 2:
        measured.append((_PRESSURE, {"component": _pressure(draw, hypertensive=hypertensive)}))
    when = encounter["period"]["start"]
    for sign, value in measured:
        yield resource(
            "Observation",
            resource_id(seed, "observation", encounter["id"], sign.code),
            profile=systems.HL7_PROFILE + sign.profile,
            status="final",
            category=[_CATEGORY],
            code=concept(systems.LOINC, sign.code, sign.display),
            subject=encounter["subject"],
            encounter=reference(encounter),
            effectiveDateTime=when,
            issued=when,
            performer=[reference(performer)],
            **value,
        )


def _measure(draw: Random, person: Person, day: date, *, seed: int) -> Iterator[tuple[Sign, float]]:
    height, weight = _build(seed, person, day)
    weight = round(weight * draw.uniform(0.98, 1.02), 1)
    age = person.age_on(day)
    yield _HEIGHT, height
    yield _WEIGHT, weight
    if age < _INFANT:
        yield _HEAD, round(34.5 + 13.5 * min(1.0, person.days_on(day) / 730) ** 0.5, 1)
    else:
        yield _BMI, round(weight / (height / 100) ** 2, 1)
    yield _PULSE, round(draw.gauss(76 if age >= ADULT else 135 - 3 * age, 8))
    yield _BREATHS, round(draw.gauss(16 if age >= ADULT else 38 - age, 2))
    yield _TEMPERATURE, round(draw.gauss(36.5, 0.3), 1)
    yield _OXYGEN, min(100, round(draw.gauss(97.5, 1)))


def _build(seed: int, person: Person, day: date) -> tuple[float, float]:
    """Return height in centimetres and weight in kilograms; each person keeps to their own curve."""
    own = chance(seed, "build", person.index)
    if person.age_on(day) >= ADULT:
        height = round(own.gauss(173 if person.sex == "male" else 160, 6))
        index = min(max(own.gauss(26.8, 4.2), 17.5), 42)
        return height, index * (height / 100) ** 2
    years = person.days_on(day) / 365.25
    scale = own.uniform(0.95, 1.05)
    return round(_on_curve(years, 1) * scale, 1), _on_curve(years, 2) * scale


def _on_curve(years: float, column: int) -> float:
    for below, above in pairwise(_GROWTH):
        if years <= above[0]:
            part = (years - below[0]) / (above[0] - below[0])
            return below[column] + part * (above[column] - below[column])
    return _GROWTH[-1][column]


def _pressure(draw: Random, *, hypertensive: bool) -> list[Element]:
    systolic = round(draw.gauss(146 if hypertensive else 119, 11))
    diastolic = min(systolic - 20, round(draw.gauss(92 if hypertensive else 76, 8)))
    return [
        {
            "code": concept(systems.LOINC, code, display),
            "valueQuantity": quantity(value, _PRESSURE.unit, _PRESSURE.ucum),
        }
        for code, display, value in (
            ("8480-6", "Systolic blood pressure", systolic),
            ("8462-4", "Diastolic blood pressure", diastolic),
        )
    ]
