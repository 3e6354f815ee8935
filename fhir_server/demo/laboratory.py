"""Laboratory results: panels of analytes with reference ranges, reported by the partner laboratory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from fhir_server.demo import systems
from fhir_server.demo.chance import chance, resource_id
from fhir_server.demo.elements import (
    Element,
    Resource,
    concept,
    moment,
    present,
    quantity,
    reference,
    resource,
)

_CATEGORY = concept(systems.HL7_TERMINOLOGY + "observation-category", "laboratory", "Laboratory")
_INTERPRETATION = systems.HL7_TERMINOLOGY + "v3-ObservationInterpretation"


@dataclass(frozen=True, slots=True)
class Analyte:
    """What is measured: LOINC code, unit in UCUM, decimals, the normal range, and what people have.

    `mean` and `spread` describe the values drawn; a bound of the range that is None is open.
    """

    code: str
    display: str
    unit: str
    decimals: int
    low: float | None
    high: float | None
    mean: float
    spread: float


_PANELS: dict[str, tuple[Element, tuple[Analyte, ...]]] = {
    "glicemia": (
        concept(systems.LOINC, "11502-2", "Laboratory report", text="Perfil glicêmico"),
        (
            Analyte("1558-6", "Fasting glucose [Mass/volume] in Serum or Plasma", "mg/dL", 0, 70, 99, 98, 16),
            Analyte("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 1, None, 5.7, 5.6, 0.6),
        ),
    ),
    "lipídios": (
        concept(systems.LOINC, "24331-1", "Lipid 1996 panel - Serum or Plasma", text="Lipidograma"),
        (
            Analyte("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 0, None, 190, 188, 32),
            Analyte("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma",
                    "mg/dL", 0, 40, None, 50, 9),
            Analyte("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma",
                    "mg/dL", 0, None, 150, 138, 45),
        ),
    ),
    "creatinina": (
        concept(systems.LOINC, "11502-2", "Laboratory report", text="Função renal"),
        (
            Analyte("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 2, 0.6, 1.2, 0.95, 0.2),
            Analyte("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 1, 3.5, 5.1, 4.3, 0.4),
        ),
    ),
    "hemograma": (
        concept(systems.LOINC, "58410-2", "CBC panel - Blood by Automated count", text="Hemograma"),
        (
            Analyte("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 1, 12.0, 17.0, 13.4, 1.5),
            Analyte("6690-2", "Leukocytes [#/volume] in Blood by Automated count",
                    "10*3/uL", 1, 4.0, 11.0, 6.8, 1.8),
            Analyte("777-3", "Platelets [#/volume] in Blood by Automated count",
                    "10*3/uL", 0, 150, 450, 240, 60),
        ),
    ),
    "tireoide": (
        concept(systems.LOINC, "11502-2", "Laboratory report", text="Função tireoidiana"),
        (
            Analyte("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma",
                    "m[IU]/L", 2, 0.4, 4.5, 3.6, 1.8),
        ),
    ),
}  # fmt: skip


def laboratory_results(
    seed: int, panels: Sequence[str], encounter: Resource, *, ordered: datetime, laboratory: Resource
) -> Iterator[Resource]:
    """Yield, for each panel, its Observations and then the DiagnosticReport that gathers them."""
    for panel in panels:
        code, analytes = _PANELS[panel]
        draw = chance(seed, "laboratory", encounter["id"], panel)
        collected = ordered + timedelta(hours=draw.randrange(16, 20))
        common: Element = {
            "status": "final",
            "subject": encounter["subject"],
            "encounter": reference(encounter),
            "effectiveDateTime": moment(collected),
            "issued": moment(collected + timedelta(hours=6)),
            "performer": [reference(laboratory, laboratory["name"])],
        }
        results = [_result(draw, analyte, common, seed=seed, panel=panel) for analyte in analytes]
        yield from results
        yield resource(
            "DiagnosticReport",
            resource_id(seed, "report", encounter["id"], panel),
            category=[concept(systems.HL7_TERMINOLOGY + "v2-0074", "LAB", "Laboratory")],
            code=code,
            result=[reference(result) for result in results],
            **common,
        )


def _result(draw: Random, analyte: Analyte, common: Element, *, seed: int, panel: str) -> Resource:
    value = max(analyte.mean / 3, draw.gauss(analyte.mean, analyte.spread))
    rounded = round(value, analyte.decimals) if analyte.decimals else round(value)
    place = (common["encounter"]["reference"], panel, analyte.code)
    return resource(
        "Observation",
        resource_id(seed, "observation", *place),
        category=[_CATEGORY],
        code=concept(systems.LOINC, analyte.code, analyte.display),
        valueQuantity=quantity(rounded, analyte.unit),
        interpretation=[_interpretation(analyte, rounded)],
        referenceRange=[_range(analyte)],
        **common,
    )


def _interpretation(analyte: Analyte, value: float) -> Element:
    if analyte.low is not None and value < analyte.low:
        return concept(_INTERPRETATION, "L", "Low")
    if analyte.high is not None and value > analyte.high:
        return concept(_INTERPRETATION, "H", "High")
    return concept(_INTERPRETATION, "N", "Normal")


def _range(analyte: Analyte) -> Element:
    bounds = {"low": analyte.low, "high": analyte.high}
    if analyte.low is None:
        text = f"até {analyte.high:g} {analyte.unit}"
    elif analyte.high is None:
        text = f"acima de {analyte.low:g} {analyte.unit}"
    else:
        text = f"{analyte.low:g} a {analyte.high:g} {analyte.unit}"
    quantities = {name: None if bound is None else quantity(bound, analyte.unit) for name, bound in bounds.items()}
    return present({**quantities, "text": text.replace(".", ",")})
