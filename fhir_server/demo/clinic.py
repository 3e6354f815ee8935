"""The house: organizations with CNES and CNPJ, and the places where people are received."""

from collections.abc import Iterator
from dataclasses import dataclass

from fhir_server.brazil import cnes, cnpj
from fhir_server.demo import systems
from fhir_server.demo.chance import chance, resource_id
from fhir_server.demo.elements import Element, Resource, concept, identifier, reference, resource
from fhir_server.demo.places import SAO_PAULO, address, landline_number, phone

NAME = "Clínica Vila Esperança"
_ROOT = "45723818"
_ALPHANUMERIC_BASE = "N3LAB0SP0001"
_ROOMS = ("Consultório 1", "Consultório 2", "Consultório 3", "Consultório 4", "Sala de vacinação", "Coleta")


@dataclass(frozen=True, slots=True)
class Clinic:
    """The clinic with its telehealth branch, its laboratory, a health plan that it accepts, and its rooms."""

    organization: Resource
    telehealth: Resource
    laboratory: Resource
    health_plan: Resource
    building: Resource
    rooms: tuple[Resource, ...]

    @property
    def vaccination_room(self) -> Resource:
        """Return the room where vaccines are given."""
        return self.rooms[4]

    def resources(self) -> Iterator[Resource]:
        """Yield every resource, what is referred to first."""
        yield from (self.organization, self.telehealth, self.laboratory, self.health_plan, self.building)
        yield from self.rooms


def build_clinic(seed: int) -> Clinic:
    """Return the clinic with this seed; what differs between seeds is ids, registers and addresses."""
    organization = _organization(
        seed, "clinic", NAME, alias="Vila Esperança", cnpj_base=_ROOT + "0001", kind=_SPECIALTY_CLINIC
    )
    building = _location(seed, "building", NAME, owner=organization, kind=("bu", "Building"))
    return Clinic(
        organization=organization,
        telehealth=_organization(
            seed,
            "telehealth",
            f"{NAME} - Telessaúde",
            alias="Vila Esperança Digital",
            cnpj_base=_ROOT + "0002",
            kind=_TELEHEALTH,
        )
        | {"partOf": reference(organization)},
        laboratory=_organization(
            seed,
            "laboratory",
            "Laboratório Horizonte Análises Clínicas",
            alias="Laboratório Horizonte",
            cnpj_base=_ALPHANUMERIC_BASE,
            kind=_DIAGNOSTICS,
        ),
        health_plan=_health_plan(seed),
        building=building,
        rooms=tuple(
            _location(seed, f"room-{number}", name, owner=organization, kind=("ro", "Room"))
            | {"partOf": reference(building)}
            for number, name in enumerate(_ROOMS)
        ),
    )


def establishment_type(code: str, display: str) -> Element:
    """Return a type of the national register of establishments."""
    return concept(systems.TERMINOLOGIA + "BRTipoEstabelecimentoSaude", code, display)


_SPECIALTY_CLINIC = establishment_type("36", "CLINICA/CENTRO DE ESPECIALIDADE")
_TELEHEALTH = establishment_type("75", "TELESSAUDE")
_DIAGNOSTICS = establishment_type("39", "UNIDADE DE APOIO DIAGNOSE E TERAPIA (SADT ISOLADO)")


def _organization(seed: int, place: str, name: str, *, alias: str, cnpj_base: str, kind: Element) -> Resource:
    draw = chance(seed, "organization", place)
    return resource(
        "Organization",
        resource_id(seed, "organization", place),
        profile=systems.BR_CORE + "br-core-organization",
        identifier=[
            identifier(cnes.SYSTEM, f"{draw.randrange(2_000_000, 9_999_999):07}", "PRN"),
            identifier(cnpj.SYSTEM, cnpj_base + cnpj.check_digits(cnpj_base), "TAX"),
        ],
        active=True,
        type=[kind],
        name=name,
        alias=[alias],
        telecom=[phone(landline_number(draw, SAO_PAULO), "work")],
        address=[address(draw, SAO_PAULO, use="work")],
    )


def _health_plan(seed: int) -> Resource:
    base = "608110010001"
    draw = chance(seed, "organization", "health-plan")
    return resource(
        "Organization",
        resource_id(seed, "organization", "health-plan"),
        identifier=[identifier(cnpj.SYSTEM, base + cnpj.check_digits(base), "TAX")],
        active=True,
        type=[concept(systems.HL7_TERMINOLOGY + "organization-type", "ins", "Insurance Company")],
        name="Saúde Aurora Operadora de Planos",
        alias=["Saúde Aurora"],
        address=[address(draw, SAO_PAULO, use="work")],
    )


def _location(seed: int, place: str, name: str, *, owner: Resource, kind: tuple[str, str]) -> Resource:
    return resource(
        "Location",
        resource_id(seed, "location", place),
        status="active",
        name=name,
        mode="instance",
        physicalType=concept(systems.HL7_TERMINOLOGY + "location-physical-type", *kind),
        address=owner["address"][0],
        managingOrganization=reference(owner),
    )
