"""Who the patients are: age, sex, names and origin, drawn before any resource is written."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from fhir_server.demo.chance import chance
from fhir_server.demo.names import family_name, family_of_both, given_names

ADULT = 18

_AGES = (
    (0, 0, 3), (1, 4, 7), (5, 12, 12), (13, 17, 8), (18, 29, 18), (30, 44, 22), (45, 59, 17), (60, 74, 10),
    (75, 97, 3),
)  # fmt: skip
"""Youngest and oldest age in years, and the share of such patients."""

_RACES = (("03", "Parda", 44.0), ("01", "Branca", 42.0), ("02", "Preta", 11.0), ("04", "Amarela", 2.0))
_INDIGENOUS = ("05", "Indígena")
_COUNTRIES = (
    ("BO", "La Paz", "Juan Carlos", "Rosa", "Mamani"),
    ("VE", "Maracaibo", "José Luis", "Yuleisy", "Rondón"),
    ("HT", "Port-au-Prince", "Jean", "Marie", "Baptiste"),
    ("CO", "Cali", "Andrés", "Luz Marina", "Restrepo"),
    ("AO", "Luanda", "Domingos", "Esperança", "Quissanga"),
)
_SOCIAL = {"female": ("Bianca", "Luiza", "Pietra", "Dandara"), "male": ("Théo", "Noah", "Benício", "Ravi")}


@dataclass(frozen=True, slots=True)
class Person:
    """A patient before anything is written about them.

    `sex` is that of the register at birth, `gender` how the person lives; they differ for some who bear a
    `social_name`. `country` is the ISO code and city of birth of a foreigner without CPF.
    """

    index: int
    born: date
    died: date | None
    sex: str
    gender: str
    given: tuple[str, ...]
    family: str
    social_name: str | None
    mother: str
    mother_born: date
    race: tuple[str, str]
    country: tuple[str, str] | None

    def age_on(self, day: date) -> int:
        """Return the age in whole years on `day`."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))

    def days_on(self, day: date) -> int:
        """Return the age in days on `day`."""
        return (day - self.born).days


def draw_person(seed: int, index: int, *, today: date) -> Person:
    """Return the patient with this index.

    Some places in the sequence are kept for those whom chance might forget in a small clinic: newborns, the
    bearers of a social name, foreigners without CPF, indigenous people, and those who have died.
    """
    draw = chance(seed, "person", index)
    sex = draw.choice(("female", "male"))
    born = _birth_date(draw, index, today=today)
    mother_born = born - timedelta(days=draw.randrange(18 * 365, 40 * 365))
    adult = (today - born).days > ADULT * 366
    social = _SOCIAL[_other(sex)] if index % 40 == 7 and adult else ()
    mother_family, father_family = family_name(draw), family_name(draw)
    given = given_names(draw, sex, born)
    family = family_of_both(draw, mother_family, father_family)
    country = None
    if index % 40 == 21:
        code, city, *foreign_names, family = draw.choice(_COUNTRIES)
        country = (code, city)
        given = (foreign_names[sex == "female"],)
    return Person(
        index=index,
        born=born,
        died=_death(draw, born, today=today) if index % 50 == 13 else None,
        sex=sex,
        gender=_other(sex) if social else sex,
        given=given,
        family=family,
        social_name=draw.choice(social) if social else None,
        mother=" ".join((*given_names(draw, "female", mother_born), mother_family)),
        mother_born=mother_born,
        race=_race(draw, index),
        country=country,
    )


def _birth_date(draw: Random, index: int, *, today: date) -> date:
    if index % 50 == 3:
        return today - timedelta(days=draw.randrange(2, 28))
    lowest, highest, _ = draw.choices(_AGES, [weight for *_, weight in _AGES])[0]
    if index % 40 in (7, 21):
        lowest, highest = 22, 58
    if index % 50 == 13:
        lowest, highest = 68, 95
    return today - timedelta(days=draw.randrange(lowest * 366 + 30, (highest + 1) * 365 + 30))


def _death(draw: Random, born: date, *, today: date) -> date:
    return max(born, today - timedelta(days=draw.randrange(20, 500)))


def _race(draw: Random, index: int) -> tuple[str, str]:
    if index % 70 == 34:
        return _INDIGENOUS
    code, display, _ = draw.choices(_RACES, [weight for *_, weight in _RACES])[0]
    return code, display


def _other(sex: str) -> str:
    return "male" if sex == "female" else "female"
