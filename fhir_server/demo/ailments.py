"""Why people come: complaints by CID-10, the ages they fall in, who treats them, and what is prescribed."""

from dataclasses import dataclass
from random import Random

from fhir_server.demo import systems
from fhir_server.demo.elements import Element, coding


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine by ATC: `text` is what the prescription says, `times` how often a day for `days` days.

    Chronic treatment has 30 days and is repeated.
    """

    atc: str
    name: str
    text: str
    times: int = 1
    days: int = 30


@dataclass(frozen=True, slots=True)
class Ailment:
    """A complaint: `code` is CID-10 as the national code system writes it, without the dot.

    `share` is its weight among the complaints of those of the right age and sex; `labs` names the panels of
    `laboratory` that it calls for.
    """

    code: str
    display: str
    specialty: str
    ages: tuple[int, int]
    share: int
    chronic: bool = False
    sex: str | None = None
    medicine: Medicine | None = None
    labs: tuple[str, ...] = ()

    @property
    def concept(self) -> Element:
        """Return the CodeableConcept: the national code and the same code as WHO writes it."""
        dotted = self.code if len(self.code) == 3 else f"{self.code[:3]}.{self.code[3:]}"
        return {
            "coding": [
                coding(systems.TERMINOLOGIA + "BRCID10", self.code, self.display),
                coding(systems.ICD_10, dotted),
            ],
            "text": self.display,
        }


def ailments_of(draw: Random, *, age: int, sex: str, count: int) -> list[Ailment]:
    """Return up to `count` different complaints that fit the age in years and the sex."""
    fitting = [
        ailment for ailment in AILMENTS if ailment.ages[0] <= age <= ailment.ages[1] and ailment.sex in (None, sex)
    ]
    drawn = draw.choices(fitting, [ailment.share for ailment in fitting], k=count)
    return list(dict.fromkeys(drawn))


_ADULT = (18, 120)
_CHILD = (0, 14)

AILMENTS = (
    Ailment("Z001", "Exame de rotina de saúde da criança", "pediatria", (0, 12), 40),
    Ailment("J069", "Infecção aguda das vias aéreas superiores não especificada", "pediatria", _CHILD, 20,
            medicine=Medicine("N02BE01", "Paracetamol 200 mg/mL", "1 gota por kg a cada 6 horas", 4, 3)),
    Ailment("H669", "Otite média não especificada", "pediatria", (0, 12), 10,
            medicine=Medicine("J01CA04", "Amoxicilina 250 mg/5 mL", "5 mL a cada 8 horas", 3, 10)),
    Ailment("J459", "Asma não especificada", "pediatria", (3, 17), 8, chronic=True,
            medicine=Medicine("R03AC02", "Salbutamol 100 mcg/dose", "2 jatos se houver falta de ar", 4)),
    Ailment("L209", "Dermatite atópica, não especificada", "dermatologia", (0, 30), 6, chronic=True),
    Ailment("L700", "Acne vulgar", "dermatologia", (13, 30), 14),
    Ailment("Z000", "Exame médico geral", "clínica médica", (13, 120), 22, labs=("glicemia", "lipídios")),
    Ailment("J00", "Nasofaringite aguda [resfriado comum]", "clínica médica", (13, 120), 12),
    Ailment("A90", "Dengue [dengue clássico]", "clínica médica", (5, 120), 6, labs=("hemograma",),
            medicine=Medicine("N02BE01", "Paracetamol 500 mg", "1 comprimido a cada 6 horas", 4, 5)),
    Ailment("I10", "Hipertensão essencial (primária)", "cardiologia", (30, 120), 26, chronic=True,
            labs=("lipídios", "creatinina"),
            medicine=Medicine("C09CA01", "Losartana 50 mg", "1 comprimido de 12 em 12 horas", 2)),
    Ailment("E119", "Diabetes Mellitus não-insulino-dependente - sem complicações", "endocrinologia",
            (35, 120), 16, chronic=True, labs=("glicemia", "creatinina"),
            medicine=Medicine("A10BA02", "Metformina 850 mg", "1 comprimido após as refeições", 2)),
    Ailment("E785", "Hiperlipidemia não especificada", "clínica médica", (35, 120), 12, chronic=True,
            labs=("lipídios",), medicine=Medicine("C10AA01", "Sinvastatina 20 mg", "1 comprimido à noite")),
    Ailment("E039", "Hipotireoidismo não especificado", "endocrinologia", _ADULT, 8, chronic=True,
            labs=("tireoide",), medicine=Medicine("H03AA01", "Levotiroxina 50 mcg", "1 comprimido em jejum")),
    Ailment("F411", "Ansiedade generalizada", "psiquiatria", (15, 80), 12, chronic=True,
            medicine=Medicine("N06AB10", "Escitalopram 10 mg", "1 comprimido pela manhã")),
    Ailment("F329", "Episódio depressivo não especificado", "psicologia", (15, 90), 10),
    Ailment("M545", "Dor lombar baixa", "ortopedia", (18, 90), 14,
            medicine=Medicine("M01AE01", "Ibuprofeno 600 mg", "1 comprimido a cada 8 horas", 3, 5)),
    Ailment("M179", "Gonartrose não especificada", "ortopedia", (55, 120), 10, chronic=True),
    Ailment("G430", "Enxaqueca sem aura [enxaqueca comum]", "clínica médica", (15, 60), 8, chronic=True,
            medicine=Medicine("N02BB02", "Dipirona 500 mg", "1 comprimido se houver dor", 4, 5)),
    Ailment("K219", "Doença de refluxo gastroesofágico sem esofagite", "clínica médica", _ADULT, 10,
            medicine=Medicine("A02BC01", "Omeprazol 20 mg", "1 cápsula em jejum")),
    Ailment("N390", "Infecção do trato urinário de localização não especificada", "clínica médica", _ADULT, 8,
            sex="female",
            medicine=Medicine("J01XE01", "Nitrofurantoína 100 mg", "1 cápsula a cada 6 horas", 4, 7)),
    Ailment("Z349", "Supervisão de gravidez normal, não especificada", "ginecologia", (18, 42), 12,
            sex="female", labs=("hemograma", "glicemia"),
            medicine=Medicine("B03AA07", "Sulfato ferroso 40 mg", "1 comprimido antes do almoço")),
    Ailment("D509", "Anemia por deficiência de ferro não especificada", "clínica médica", (1, 60), 6,
            labs=("hemograma",), medicine=Medicine("B03AA07", "Sulfato ferroso 40 mg", "1 dose ao dia")),
    Ailment("N40", "Hiperplasia da próstata", "clínica médica", (55, 120), 10, chronic=True, sex="male",
            labs=("creatinina",)),
    Ailment("E669", "Obesidade não especificada", "nutrição", (12, 70), 10, chronic=True,
            labs=("lipídios", "glicemia")),
    Ailment("K029", "Cárie dentária, sem outra especificação", "odontologia", (5, 80), 8),
)  # fmt: skip
