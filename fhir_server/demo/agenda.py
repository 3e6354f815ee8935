"""The diaries: which half hour of which professional is taken, and the Slot and Appointment that say so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from fhir_server.demo import systems
from fhir_server.demo.ailments import Ailment
from fhir_server.demo.chance import chance, resource_id
from fhir_server.demo.elements import (
    SAO_PAULO,
    Element,
    Resource,
    coding,
    concept,
    moment,
    reference,
    resource,
)
from fhir_server.demo.patient import Registered
from fhir_server.demo.staff import Professional

HALF_HOUR = timedelta(minutes=30)
_TIMES = tuple(time(hour, minute) for hour in (*range(8, 12), *range(13, 17)) for minute in (0, 30))
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Booking:
    """A half hour of a professional for a patient with an ailment, which may be known from earlier."""

    professional: Professional
    start: datetime
    ailment: Ailment
    follow_up: bool

    @property
    def end(self) -> datetime:
        """Return the moment when the half hour is over."""
        return self.start + HALF_HOUR


@dataclass(slots=True)
class Agenda:
    """Gives out half hours of working days, none of them twice."""

    _taken: set[tuple[int, datetime]] = field(default_factory=set)

    def take(self, professional: Professional, wanted: datetime) -> datetime:
        """Take the first half hour that is free at `wanted` or later, and return its start."""
        for day in working_days(wanted.date()):
            for start in _starts(day):
                if start >= wanted and (professional.index, start) not in self._taken:
                    self._taken.add((professional.index, start))
                    return start
        raise AssertionError("working days have no end")

    def free(self, professional: Professional, days: Sequence[date]) -> Iterator[datetime]:
        """Yield the starts of the half hours that are still free on `days`."""
        for day in days:
            yield from (start for start in _starts(day) if (professional.index, start) not in self._taken)


def working_days(first: date) -> Iterator[date]:
    """Yield `first`, where it is a working day, and every later working day, for ever."""
    day = first
    while True:
        if day.weekday() < _SATURDAY:
            yield day
        day += timedelta(days=1)


def slot(seed: int, professional: Professional, start: datetime, *, status: str) -> Resource:
    """Return the Slot of one half hour."""
    return resource(
        "Slot",
        resource_id(seed, "slot", professional.index, start.isoformat()),
        specialty=[professional.occupation],
        schedule=reference(professional.schedule),
        status=status,
        start=moment(start),
        end=moment(start + HALF_HOUR),
    )


def appointment(
    seed: int, registered: Registered, booking: Booking, *, status: str, taken: Resource | None
) -> Resource:
    """Return the Appointment of a booking; a cancelled one has given its slot back and has none."""
    professional = booking.professional
    place = (professional.index, booking.start.isoformat(), registered.person.index)
    cancelled = status == "cancelled"
    kind = ("FOLLOWUP", "A follow up visit") if booking.follow_up else ("ROUTINE", "Routine appointment")
    return resource(
        "Appointment",
        resource_id(seed, "appointment", *place),
        identifier=[identifier_of_booking(seed, place)],
        status=status,
        cancelationReason=_CANCELLED_BY_PATIENT if cancelled else None,
        serviceCategory=professional.schedule["serviceCategory"],
        specialty=[professional.occupation],
        appointmentType=concept(systems.HL7_TERMINOLOGY + "v2-0276", *kind),
        reasonCode=[booking.ailment.concept],
        start=moment(booking.start),
        end=moment(booking.end),
        minutesDuration=30,
        slot=None if taken is None else [reference(taken)],
        created=moment(_created(seed, registered, booking)),
        participant=[
            _participant("PCT", registered.patient, "declined" if cancelled else "accepted"),
            _participant("ESE", professional.practitioner, "accepted"),
            _participant(None, professional.service, "accepted"),
        ],
    )


def _created(seed: int, registered: Registered, booking: Booking) -> datetime:
    """Return when the booking was made: days or weeks ahead, but not before the patient was born."""
    draw = chance(seed, "booked", booking.professional.index, booking.start.isoformat())
    ahead = booking.start - timedelta(days=draw.randrange(1, 25), minutes=draw.randrange(240))
    return max(ahead, datetime.combine(registered.person.born, time(18), SAO_PAULO))


def identifier_of_booking(seed: int, place: tuple[object, ...]) -> Element:
    """Return the Identifier that the clinic's own diary gives a booking."""
    value = resource_id(seed, "booking", *place)[:8].upper()
    return {"use": "usual", "system": systems.CLINIC + "agendamento", "value": value}


_CANCELLED_BY_PATIENT = concept(systems.HL7_TERMINOLOGY + "appointment-cancellation-reason", "pat", "Patient")


def _participant(kind: str | None, actor: Resource, status: str) -> Element:
    found: Element = {"actor": reference(actor), "required": "required", "status": status}
    if kind is not None:
        found = {"type": [{"coding": [coding(systems.TERMINOLOGIA + "BRTipoParticipante", kind)]}], **found}
    return found


def _starts(day: date) -> Iterator[datetime]:
    return (datetime.combine(day, start, SAO_PAULO) for start in _TIMES)
