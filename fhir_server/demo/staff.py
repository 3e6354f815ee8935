"""Who works in the clinic: professionals, the registration of their council, their role and their diary."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from fhir_server.brazil import cns, cpf, crm
from fhir_server.demo import systems
from fhir_server.demo.chance import chance, cpf_of, definitive_cns_of, resource_id
from fhir_server.demo.clinic import Clinic, establishment_type
from fhir_server.demo.elements import Element, Resource, concept, human_name, identifier, reference, resource
from fhir_server.demo.names import family_name, family_of_both, given_names
from fhir_server.demo.places import SAO_PAULO, email, mobile_number, phone

_FIRST_INDEX = 900_000_000
_BORN_BETWEEN = (date(1960, 1, 1), date(1995, 1, 1))


@dataclass(frozen=True, slots=True)
class Post:
    """A position: occupation in CBO, and council and state as the registration's system names them.

    Those at `remote` positions see patients by video.
    """

    specialty: str
    occupation: str
    occupation_name: str
    council: str = "crm"
    state: str = "sp"
    remote: bool = False


_POSTS = (
    Post("clínica médica", "225125", "MEDICO CLINICO"),
    Post("clínica médica", "225125", "MEDICO CLINICO"),
    Post("pediatria", "225124", "MEDICO PEDIATRA"),
    Post("pediatria", "225124", "MEDICO PEDIATRA", state="mg"),
    Post("ginecologia", "225250", "MEDICO GINECOLOGISTA E OBSTETRA"),
    Post("cardiologia", "225120", "MEDICO CARDIOLOGISTA"),
    Post("endocrinologia", "225155", "MEDICO ENDOCRINOLOGISTA E METABOLOGISTA", state="rj", remote=True),
    Post("dermatologia", "225135", "MEDICO DERMATOLOGISTA"),
    Post("psiquiatria", "225133", "MEDICO PSIQUIATRA", state="pr", remote=True),
    Post("ortopedia", "225270", "MEDICO ORTOPEDISTA E TRAUMATOLOGISTA"),
    Post("enfermagem", "223505", "ENFERMEIRO", council="coren"),
    Post("enfermagem", "223505", "ENFERMEIRO", council="coren"),
    Post("nutrição", "223710", "NUTRICIONISTA", council="crn", state="sp-ms"),
    Post("psicologia", "251510", "PSICOLOGO CLINICO", council="crp", remote=True),
    Post("odontologia", "223208", "CIRURGIAO DENTISTA CLINICO GERAL", council="cro"),
)
_COUNCIL_TYPES = {"crm": "MD", "coren": "RN", "cro": "DDS"}
_OTHER_COUNCIL = "RI"


@dataclass(frozen=True, slots=True)
class Professional:
    """A person at a post, with the resources that say so; `schedule` is the diary of their service."""

    index: int
    post: Post
    practitioner: Resource
    role: Resource
    service: Resource
    schedule: Resource
    room: Resource

    @property
    def occupation(self) -> Element:
        """Return the occupation as a CodeableConcept."""
        return occupation_of(self.post)

    def resources(self) -> Iterator[Resource]:
        """Yield every resource, what is referred to first."""
        yield from (self.service, self.practitioner, self.role, self.schedule)


def build_staff(seed: int, clinic: Clinic, *, today: date, horizon: Element) -> tuple[Professional, ...]:
    """Return the professionals of the clinic; `horizon` is the Period for which the diaries are open."""
    return tuple(_professional(seed, index, clinic, today=today, horizon=horizon) for index in range(len(_POSTS)))


def occupation_of(post: Post) -> Element:
    """Return the occupation of a post as a CodeableConcept of CBO."""
    return concept(systems.TERMINOLOGIA + "BRCBO", post.occupation, post.occupation_name)


def _professional(seed: int, index: int, clinic: Clinic, *, today: date, horizon: Element) -> Professional:
    post = _POSTS[index]
    employer = clinic.telehealth if post.remote else clinic.organization
    room = clinic.building if post.remote else clinic.rooms[index % 4]
    registration = _registration(seed, index, post)
    practitioner = _practitioner(seed, index, post, registration=registration)
    service = _service(seed, index, post, employer=employer, room=room)
    return Professional(
        index=index,
        post=post,
        practitioner=practitioner,
        role=_role(
            seed,
            index,
            registration=registration,
            since=today - timedelta(days=chance(seed, "hired", index).randrange(800, 4000)),
            links={
                "practitioner": reference(practitioner, practitioner["name"][0]["text"]),
                "organization": reference(employer),
                "location": [reference(room)],
                "healthcareService": [reference(service)],
            },
        ),
        service=service,
        schedule=_schedule(seed, index, post, service=service, horizon=horizon),
        room=room,
    )


def _registration(seed: int, index: int, post: Post) -> Element:
    number = str(chance(seed, "registration", index).randrange(20_000, 290_000))
    if post.council == "crm":
        found = crm.normalise(number, post.state)
        return identifier(found.system, found.number, "MD")
    system = f"{systems.SID}{post.council}-{post.state}"
    return identifier(system, number, _COUNCIL_TYPES.get(post.council, _OTHER_COUNCIL))


def _practitioner(seed: int, index: int, post: Post, *, registration: Element) -> Resource:
    draw = chance(seed, "practitioner", index)
    first, last = _BORN_BETWEEN
    born = first + timedelta(days=draw.randrange((last - first).days))
    gender = draw.choice(("female", "male"))
    given, family = (
        given_names(draw, gender, born),
        family_of_both(draw, family_name(draw), family_name(draw)),
    )
    title = None
    if post.council in ("crm", "cro"):
        title = "Dra." if gender == "female" else "Dr."
    return resource(
        "Practitioner",
        resource_id(seed, "practitioner", index),
        profile=systems.BR_CORE + "br-core-practitioner",
        identifier=[
            identifier(cpf.SYSTEM, cpf_of(seed, _FIRST_INDEX + index), "TAX"),
            identifier(cns.SYSTEM, definitive_cns_of(seed, _FIRST_INDEX + index), "HC"),
            registration,
        ],
        active=True,
        name=[human_name("official", given, family, prefix=title)],
        telecom=[phone(mobile_number(draw, SAO_PAULO), "work"), email(f"profissional{index + 1}")],
        gender=gender,
        birthDate=born.isoformat(),
        qualification=[{"identifier": [registration], "code": occupation_of(post)}],
    )


def _service(seed: int, index: int, post: Post, *, employer: Resource, room: Resource) -> Resource:
    team = sum(1 for other in _POSTS[:index] if other.specialty == post.specialty) + 1
    return resource(
        "HealthcareService",
        resource_id(seed, "service", index),
        profile=systems.BR_CORE + "br-core-healthcareservice",
        active=True,
        providedBy=reference(employer),
        category=[establishment_type("36", "CLINICA/CENTRO DE ESPECIALIDADE")],
        specialty=[occupation_of(post)],
        location=[reference(room)],
        name=f"{post.specialty.capitalize()} {team}",
        appointmentRequired=True,
    )


def _role(seed: int, index: int, *, registration: Element, since: date, links: dict[str, object]) -> Resource:
    occupation = occupation_of(_POSTS[index])
    return resource(
        "PractitionerRole",
        resource_id(seed, "role", index),
        profile=systems.BR_CORE + "br-core-practitionerrole",
        identifier=[registration],
        active=True,
        period={"start": since.isoformat()},
        code=[occupation],
        specialty=[occupation],
        availableTime=[
            {
                "daysOfWeek": ["mon", "tue", "wed", "thu", "fri"],
                "availableStartTime": "08:00:00",
                "availableEndTime": "17:00:00",
            }
        ],
        **links,
    )


def _schedule(seed: int, index: int, post: Post, *, service: Resource, horizon: Element) -> Resource:
    """Return the diary of a professional's service; BR Core lets only a HealthcareService have one."""
    general = post.specialty in ("clínica médica", "pediatria", "enfermagem")
    modality = ("01", "Atenção Básica") if general else ("07", "Ambulatorial Especializada")
    return resource(
        "Schedule",
        resource_id(seed, "schedule", index),
        profile=systems.BR_CORE + "br-core-schedule",
        active=True,
        serviceCategory=[concept(systems.TERMINOLOGIA + "BRModalidadeAssistencial", *modality)],
        specialty=[occupation_of(post)],
        actor=[reference(service, service["name"])],
        planningHorizon=horizon,
    )
