"""Immunizations by the national calendar, given in the clinic since it opened its vaccination room."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from fhir_server.demo import systems
from fhir_server.demo.chance import chance, resource_id
from fhir_server.demo.clinic import Clinic
from fhir_server.demo.elements import (
    SAO_PAULO,
    Element,
    Resource,
    concept,
    moment,
    present,
    quantity,
    reference,
    resource,
)
from fhir_server.demo.patient import Registered
from fhir_server.demo.person import ADULT
from fhir_server.demo.staff import Professional

_YEARS_OPEN = 11
_MONTH = 30.44
_ORAL, _INTRAMUSCULAR, _SUBCUTANEOUS, _INTRADERMAL = (
    ("1", "Oral"),
    ("2", "Intramuscular"),
    ("3", "Subcutânea"),
    ("4", "Intradérmica"),
)
_RIGHT_ARM, _LEFT_ARM, _RIGHT_THIGH = (
    ("1", "Deltoide direito"),
    ("2", "Deltoide esquerdo"),
    ("3", "Vasto lateral da coxa direita"),
)
_ROUTINE = ("1", "Rotina")
_CAMPAIGN = ("5", "Campanha indiscriminada")


@dataclass(frozen=True, slots=True)
class Vaccine:
    """A vaccine by the national code; `doses` gives the age in months and the code of the dose (BRDose)."""

    code: str
    display: str
    doses: tuple[tuple[int, str], ...]
    route: tuple[str, str] = _INTRAMUSCULAR


_CALENDAR = (
    Vaccine("15", "Vacina BCG", ((0, "9"),), _INTRADERMAL),
    Vaccine("9", "Vacina hepatite B (recombinante)", ((0, "8"),)),
    Vaccine(
        "42",
        "Vacina adsorvida difteria, tétano, pertussis, hepatite B e Haemophilus influenzae b",
        ((2, "1"), (4, "2"), (6, "3")),
    ),
    Vaccine("22", "Vacina poliomielite 1, 2 e 3 (inativada)", ((2, "1"), (4, "2"), (6, "3"), (15, "6"))),
    Vaccine("45", "Vacina rotavírus humano G1P1[8] (atenuada)", ((2, "1"), (4, "2")), _ORAL),
    Vaccine("26", "Vacina pneumocócica 10-valente (conjugada)", ((2, "1"), (4, "2"), (12, "6"))),
    Vaccine("41", "Vacina meningocócica C (conjugada)", ((3, "1"), (5, "2"), (12, "6"))),
    Vaccine("14", "Vacina febre amarela (atenuada)", ((9, "1"), (48, "6")), _SUBCUTANEOUS),
    Vaccine("24", "Vacina sarampo, caxumba, rubéola", ((12, "1"),), _SUBCUTANEOUS),
    Vaccine("56", "Vacina sarampo, caxumba, rubéola e varicela", ((15, "8"),), _SUBCUTANEOUS),
    Vaccine("46", "Vacina adsorvida difteria, tétano e pertussis", ((15, "6"), (48, "7"))),
    Vaccine("67", "Vacina papilomavírus humano 6, 11, 16 e 18 (recombinante)", ((9 * 12 + 3, "9"),)),
)
_INFLUENZA = Vaccine("33", "Vacina influenza trivalente (inativada)", ())
_TETANUS = Vaccine("25", "Vacina adsorvida difteria e tétano adulto", ())


def immunizations(
    seed: int, registered: Registered, clinic: Clinic, *, nurse: Professional, today: date
) -> Iterator[Resource]:
    """Yield the Immunizations of a patient up to `today`, in the order of the calendar."""
    person = registered.person
    draw = chance(seed, "vaccination", person.index)
    opened = today - timedelta(days=_YEARS_OPEN * 365)
    last = person.died or today
    for vaccine, dose, day, strategy in _plan(draw, registered, today=today):
        if opened <= day < last and day.weekday() < 5:
            yield _immunization(seed, registered, clinic, given=(vaccine, dose, day, strategy), nurse=nurse, draw=draw)


def _plan(draw: Random, registered: Registered, *, today: date) -> Iterator[tuple[Vaccine, str, date, tuple[str, str]]]:
    person = registered.person
    for vaccine in _CALENDAR:
        for months, dose in vaccine.doses:
            due = person.born + timedelta(days=round(months * _MONTH) + draw.randrange(1, 12))
            yield vaccine, dose, due, _ROUTINE
    for years_ago in (2, 1, 0):
        campaign = date(today.year - years_ago, 4, 10) + timedelta(days=draw.randrange(40))
        old_or_small = not 6 <= person.age_on(campaign) < 60
        if person.born + timedelta(days=183) < campaign and draw.random() < (0.7 if old_or_small else 0.2):
            yield _INFLUENZA, "9", campaign, _CAMPAIGN
    if person.age_on(today) >= ADULT and draw.random() < 0.3:
        yield _TETANUS, "38", today - timedelta(days=draw.randrange(30, 2500)), _ROUTINE


def _immunization(
    seed: int,
    registered: Registered,
    clinic: Clinic,
    *,
    given: tuple[Vaccine, str, date, tuple[str, str]],
    nurse: Professional,
    draw: Random,
) -> Resource:
    vaccine, dose, day, strategy = given
    when = datetime.combine(day, time(draw.randrange(8, 17), draw.randrange(60)), SAO_PAULO)
    infant = registered.person.days_on(day) < 2 * 365
    return resource(
        "Immunization",
        resource_id(seed, "immunization", registered.person.index, vaccine.code, day.isoformat()),
        status="completed",
        vaccineCode=concept(systems.TERMINOLOGIA + "BRImunobiologico", vaccine.code, vaccine.display),
        patient=registered.subject,
        occurrenceDateTime=moment(when),
        primarySource=True,
        location=reference(clinic.vaccination_room),
        lotNumber=f"{draw.randrange(100, 999)}VH{draw.randrange(100):03}",
        **_way(vaccine, draw, infant=infant),
        performer=[{"function": nurse.occupation, "actor": reference(nurse.practitioner)}],
        reasonCode=[concept(systems.TERMINOLOGIA + "BREstrategiaVacinacao", *strategy)],
        protocolApplied=[{"doseNumberString": dose}],
    )


def _way(vaccine: Vaccine, draw: Random, *, infant: bool) -> Element:
    route = concept(systems.RNDS + "BRViaAdministracao", *vaccine.route)
    if vaccine.route == _ORAL:
        return {"route": route, "doseQuantity": quantity(1.5, "mL")}
    place = draw.choice((_RIGHT_ARM, _LEFT_ARM))
    if infant and vaccine.route == _INTRAMUSCULAR:
        place = _RIGHT_THIGH
    elif vaccine.route == _INTRADERMAL:
        place = _RIGHT_ARM
    amount = 0.1 if vaccine.route == _INTRADERMAL else 0.5
    return present(
        {
            "site": concept(systems.RNDS + "BRLocalAplicacao", *place),
            "route": route,
            "doseQuantity": quantity(amount, "mL"),
        }
    )
