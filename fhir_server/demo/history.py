"""The story of one patient with the clinic: bookings kept, missed and cancelled, and the one to come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from fhir_server.demo.agenda import Agenda, Booking, appointment, slot
from fhir_server.demo.ailments import Ailment, ailments_of
from fhir_server.demo.chance import chance
from fhir_server.demo.clinic import Clinic
from fhir_server.demo.elements import SAO_PAULO, Resource
from fhir_server.demo.patient import Registered
from fhir_server.demo.staff import Professional
from fhir_server.demo.visit import Visit, visit_resources

_YEARS = 2
_BOOKED_AHEAD = 0.3
_OPENING = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class House:
    """What the stories of all patients share."""

    seed: int
    today: date
    clinic: Clinic
    staff: tuple[Professional, ...]
    agenda: Agenda


def patient_history(house: House, registered: Registered) -> Iterator[Resource]:
    """Yield Slots, Appointments, Encounters and what was recorded in them, in the order of time."""
    person = registered.person
    draw = chance(house.seed, "history", person.index)
    age = person.age_on(house.today)
    ailments = ailments_of(draw, age=age, sex=person.sex, count=_count(draw, age))
    known: dict[str, Resource] = {}
    for day, ailment in _days(draw, registered, ailments, today=house.today):
        booking = _book(draw, house, ailment, day=day, follow_up=ailment.code in known)
        status = draw.choices(("fulfilled", "noshow", "cancelled"), (88, 6, 6))[0]
        for found in _booked(house, registered, booking, status=status, known=known.get(ailment.code)):
            yield found
            if found["resourceType"] == "Condition" and ailment.chronic:
                known[ailment.code] = found
    if person.died is None and draw.random() < _BOOKED_AHEAD:
        ailment = draw.choice(ailments)
        soon = house.today + timedelta(days=draw.randrange(1, 4))
        ahead = _book(draw, house, ailment, day=soon, follow_up=ailment.code in known)
        yield from _booked(house, registered, ahead, status="booked", known=None)


def free_slots(house: House, days: Sequence[date]) -> Iterator[Resource]:
    """Yield the Slots that can still be booked on `days`."""
    for professional in house.staff:
        for start in house.agenda.free(professional, days):
            yield slot(house.seed, professional, start, status="free")


def _booked(
    house: House, registered: Registered, booking: Booking, *, status: str, known: Resource | None
) -> Iterator[Resource]:
    taken = None
    if status != "cancelled":
        taken = slot(house.seed, booking.professional, booking.start, status="busy")
        yield taken
    made = appointment(house.seed, registered, booking, status=status, taken=taken)
    yield made
    if status == "fulfilled":
        visit = Visit(registered, booking, made, known)
        yield from visit_resources(house.seed, visit, house.clinic)


def _days(
    draw: Random, registered: Registered, ailments: Sequence[Ailment], *, today: date
) -> list[tuple[date, Ailment]]:
    """Return the days of the visits in order; a chronic ailment brings one or two more."""
    person = registered.person
    first = max(today - timedelta(days=_YEARS * 365), person.born + timedelta(days=2))
    last = (person.died or today) - _OPENING
    span = (last - first).days
    if span < 1:
        return []
    found = []
    for ailment in ailments:
        for _ in range(1 + (draw.randrange(1, 3) if ailment.chronic else 0)):
            found.append((first + timedelta(days=draw.randrange(span)), ailment))
    return sorted(found, key=lambda entry: (entry[0], entry[1].code))


def _book(draw: Random, house: House, ailment: Ailment, *, day: date, follow_up: bool) -> Booking:
    able = [found for found in house.staff if found.post.specialty == ailment.specialty]
    professional = draw.choice(able)
    wanted = datetime.combine(day, time(draw.randrange(8, 17)), SAO_PAULO)
    start = house.agenda.take(professional, wanted)
    return Booking(professional, start, ailment, follow_up)


def _count(draw: Random, age: int) -> int:
    return draw.randrange(1, 3) if age < 60 else draw.randrange(2, 4)
