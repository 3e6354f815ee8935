"""Where people live: cities with their codes, ranges of postal codes and area codes, streets and homes.

Codes of municipalities are those of IBGE without the check digit, as the health registers write them.
"""

from dataclasses import dataclass
from random import Random

from fhir_server.demo import systems
from fhir_server.demo.elements import Element, coding, extension, present


@dataclass(frozen=True, slots=True)
class City:
    """A municipality: `postal` is the range of the first five digits of its postal codes (CEP)."""

    name: str
    state: str
    ibge: str
    postal: tuple[int, int]
    area_code: str


SAO_PAULO = City("São Paulo", "SP", "355030", (1000, 5999), "11")
NEAR = (
    SAO_PAULO,
    City("Guarulhos", "SP", "351880", (7000, 7399), "11"),
    City("Osasco", "SP", "353440", (6000, 6299), "11"),
    City("Santo André", "SP", "354780", (9000, 9299), "11"),
    City("Campinas", "SP", "350950", (13000, 13139), "19"),
    City("Santos", "SP", "354850", (11000, 11099), "13"),
)
"""Where the patients live, most of them in the first."""

BIRTHPLACES = (
    SAO_PAULO,
    City("Rio de Janeiro", "RJ", "330455", (20000, 23799), "21"),
    City("Belo Horizonte", "MG", "310620", (30000, 31999), "31"),
    City("Salvador", "BA", "292740", (40000, 41999), "71"),
    City("Recife", "PE", "261160", (50000, 52999), "81"),
    City("Fortaleza", "CE", "230440", (60000, 61599), "85"),
    City("Curitiba", "PR", "410690", (80000, 82999), "41"),
    City("Manaus", "AM", "130260", (69000, 69099), "92"),
)

_STREETS = (
    "Rua das Acácias", "Rua dos Ipês", "Avenida Brasil", "Rua Sete de Setembro", "Rua Quinze de Novembro",
    "Rua São José", "Avenida Getúlio Vargas", "Rua Santa Luzia", "Travessa do Comércio", "Rua Tiradentes",
    "Alameda dos Jacarandás", "Rua Dom Pedro II", "Rua das Flores", "Avenida Independência", "Rua Bela Vista",
)  # fmt: skip
_NEIGHBOURHOODS = (
    "Centro", "Jardim Primavera", "Vila Nova", "Vila Esperança", "Santa Cecília", "Jardim das Flores",
    "Parque São Jorge", "Boa Vista", "São Benedito", "Alto da Serra",
)  # fmt: skip
_COMPLEMENTS = ("", "", "", "casa 2", "fundos", "bloco B", "apto 12", "apto 54", "apto 101")


def home_city(draw: Random) -> City:
    """Return the city where a patient lives."""
    return draw.choices(NEAR, (14, 2, 2, 2, 1, 1))[0]


def birth_city(draw: Random, home: City) -> City:
    """Return the city where a patient was born: most often the one where they live."""
    return home if draw.random() < 0.6 else draw.choice(BIRTHPLACES)


def address(draw: Random, city: City, *, use: str | None = None) -> Element:
    """Return an Address at a made-up house: street and number, complement, neighbourhood, one line each."""
    lines = [
        f"{draw.choice(_STREETS)}, {draw.randrange(1, 3000)}",
        draw.choice(_COMPLEMENTS),
        draw.choice(_NEIGHBOURHOODS),
    ]
    postal_code = f"{draw.randint(*city.postal):05}-{draw.randrange(1000):03}"
    return present(
        {
            "use": use,
            "type": "both",
            "line": [line for line in lines if line],
            **city_elements(city),
            "postalCode": postal_code,
            "country": "BR",
        }
    )


def city_elements(city: City) -> Element:
    """Return the elements `city` and `state`: names as text, the code of IBGE as the coding of a string."""
    code = coding(systems.TERMINOLOGIA + "BRDivisaoGeograficaBrasil", city.ibge, city.name)
    return {
        "city": city.name,
        "_city": {"extension": [extension(systems.HL7_EXTENSION + "iso21090-SC-coding", "Coding", code)]},
        "state": city.state,
    }


def mobile_number(draw: Random, city: City) -> str:
    """Return a well-formed mobile number in E.164.

    It begins with 90, which operators are not known to give to anybody: a message sent by mistake reaches
    no one.
    """
    return f"+55{city.area_code}90{draw.randrange(10**7):07}"


def landline_number(draw: Random, city: City) -> str:
    """Return a well-formed landline number in E.164."""
    return f"+55{city.area_code}2000{draw.randrange(10**4):04}"


def phone(number: str, use: str) -> Element:
    """Return a ContactPoint of a telephone."""
    return {"system": "phone", "value": number, "use": use}


def email(mailbox: str) -> Element:
    """Return a ContactPoint of a mailbox in a domain reserved for examples."""
    return {"system": "email", "value": f"{mailbox}@mail.example"}
