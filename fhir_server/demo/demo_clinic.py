"""The demo clinic as a stream of resources."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from fhir_server.demo.agenda import Agenda, working_days
from fhir_server.demo.allergies import allergy
from fhir_server.demo.clinic import build_clinic
from fhir_server.demo.elements import Resource
from fhir_server.demo.history import House, free_slots, patient_history
from fhir_server.demo.paperwork import consent, coverage
from fhir_server.demo.patient import register
from fhir_server.demo.person import ADULT, draw_person
from fhir_server.demo.staff import Professional, build_staff
from fhir_server.demo.vaccination import immunizations

REFERENCE_DATE = date(2026, 9, 14)
"""The day that counts as today in the clinic, a Monday: the past lies in the two years before it."""

_DAYS_OPEN = 5


def demo_clinic(seed: int, patients: int = 200, *, today: date = REFERENCE_DATE) -> Iterator[Resource]:
    """Yield the resources of the clinic as plain FHIR JSON; a reference always points to one yielded before.

    The same arguments yield the same resources with the same ids, so that loading them again changes nothing.
    Another seed makes another clinic, with other ids. More patients leave the first ones as they are, but for
    a booking that finds its half hour taken.
    """
    open_days = list(islice(working_days(today + timedelta(days=1)), _DAYS_OPEN))
    horizon = {"start": (today - timedelta(days=730)).isoformat(), "end": open_days[-1].isoformat()}
    clinic = build_clinic(seed)
    staff = build_staff(seed, clinic, today=today, horizon=horizon)
    house = House(seed, today, clinic, staff, Agenda())
    yield from clinic.resources()
    for professional in staff:
        yield from professional.resources()
    for index in range(patients):
        yield from _patient(house, index)
    yield from free_slots(house, open_days)


def _patient(house: House, index: int) -> Iterator[Resource]:
    seed, today = house.seed, house.today
    person = draw_person(seed, index, today=today)
    specialty = "clínica médica" if person.age_on(today) >= ADULT else "pediatria"
    general = _one_of(house.staff, specialty, index)
    nurse = _one_of(house.staff, "enfermagem", index)
    registered = register(seed, person, today=today, clinic=house.clinic.organization, general=general)
    yield registered.patient
    if registered.guardian is not None:
        yield registered.guardian
    yield consent(seed, registered, house.clinic, today=today)
    for found in (
        coverage(seed, registered, house.clinic, today=today),
        allergy(seed, registered, recorder=general, today=today),
    ):
        if found is not None:
            yield found
    yield from immunizations(seed, registered, house.clinic, nurse=nurse, today=today)
    yield from patient_history(house, registered)


def _one_of(staff: tuple[Professional, ...], specialty: str, index: int) -> Professional:
    able = [found for found in staff if found.post.specialty == specialty]
    return able[index % len(able)]
