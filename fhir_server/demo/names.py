"""Brazilian given and family names, common ones, by sex and by the time in which they were in fashion."""

from datetime import date
from random import Random

_OLDER = {
    "female": (
        "Maria", "Ana", "Francisca", "Antônia", "Terezinha", "Sônia", "Vera Lúcia", "Márcia", "Sandra",
        "Regina", "Aparecida", "Rosângela", "Cláudia", "Luzia", "Neusa", "Célia", "Marlene", "Ivone",
        "Solange", "Conceição", "Denise", "Eliane", "Benedita", "Fátima",
    ),
    "male": (
        "José", "João", "Antônio", "Francisco", "Carlos", "Paulo", "Pedro", "Luiz", "Sebastião", "Geraldo",
        "Raimundo", "Manoel", "Jorge", "Roberto", "Sérgio", "Benedito", "Osvaldo", "Valdir", "Edson",
        "Gilberto", "Nelson", "Wilson", "Milton", "Joaquim",
    ),
}  # fmt: skip
_YOUNGER = {
    "female": (
        "Juliana", "Fernanda", "Camila", "Letícia", "Beatriz", "Larissa", "Gabriela", "Amanda", "Mariana",
        "Rafaela", "Isabela", "Júlia", "Alice", "Helena", "Laura", "Valentina", "Sophia", "Manuela",
        "Lívia", "Cecília", "Yasmin", "Vitória", "Luana", "Tainá",
    ),
    "male": (
        "Lucas", "Gabriel", "Matheus", "Rafael", "Felipe", "Gustavo", "Bruno", "Thiago", "Leonardo", "Diego",
        "Miguel", "Arthur", "Heitor", "Davi", "Bernardo", "Theo", "Enzo", "Samuel", "Nicolas", "Caio",
        "Vinícius", "Murilo", "Cauã", "Ícaro",
    ),
}  # fmt: skip
_SECOND = {
    "female": ("Clara", "Luísa", "Eduarda", "Cristina", "Aparecida", "Vitória", "Beatriz", "de Fátima"),
    "male": ("Henrique", "Augusto", "Carlos", "Eduardo", "Vitor", "Miguel", "César", "Antônio"),
}
_FAMILY = (
    "Silva", "Santos", "Oliveira", "Souza", "Rodrigues", "Ferreira", "Alves", "Pereira", "Lima", "Gomes",
    "Costa", "Ribeiro", "Martins", "Carvalho", "Almeida", "Lopes", "Soares", "Fernandes", "Vieira",
    "Barbosa", "Rocha", "Dias", "Nascimento", "Andrade", "Moreira", "Nunes", "Marques", "Machado", "Mendes",
    "Freitas", "Cardoso", "Ramos", "Gonçalves", "Teixeira", "Araújo", "Melo", "Cavalcanti", "Conceição",
    "Tanaka", "Rossi", "Schneider", "Haddad", "D'Ávila", "Sá", "Brandão", "Queiroz", "Xavier", "Assunção",
)  # fmt: skip
_JOINING = ("", "", "", "da ", "de ", "dos ")

_FASHION_CHANGED = 1982


def given_names(draw: Random, sex: str, born: date) -> tuple[str, ...]:
    """Return one or two given names that fit the sex and the year of birth."""
    table = _OLDER if born.year < _FASHION_CHANGED else _YOUNGER
    first = draw.choice(table[sex])
    second = draw.choice(_SECOND[sex])
    return (first, second) if draw.random() < 0.3 and second != first else (first,)


def family_name(draw: Random) -> str:
    """Return one family name; the most common come most often."""
    weights = range(len(_FAMILY) + 8, 8, -1)
    return draw.choices(_FAMILY, weights)[0]


def family_of_both(draw: Random, mother: str, father: str) -> str:
    """Return the family names of a child: the mother's last one, then the father's."""
    if mother == father:
        return father
    return f"{mother} {draw.choice(_JOINING)}{father}"
