"""CRM, the registration of a physician: up to seven digits that mean one person only together with the state.

The state is part of the identifier's system, the value is digits only. https://portal.cfm.org.br
"""

import re
from dataclasses import dataclass

SYSTEM_PREFIX = "https://saude.gov.br/fhir/sid/crm-"

_STATES = "AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO"
STATES = frozenset(_STATES.split())
"""The two letters of the 26 states and of the Federal District."""

_STATE_FIRST = re.compile(r"CRM[-/ ]?(?P<state>[A-Z]{2})[-/: ]*(?P<number>[0-9.-]+)\Z")
_NUMBER_FIRST = re.compile(r"(?:CRM[-/: ]*)?(?P<number>[0-9.-]*[0-9])[-/ ]*(?P<state>[A-Z]{2})\Z")
_SEPARATORS = str.maketrans("", "", ".- ")
_DIGITS = re.compile(r"[1-9][0-9]{0,6}\Z")


@dataclass(frozen=True, slots=True)
class Crm:
    """A registration: `number` without zeros in front, `state` in capitals."""

    number: str
    state: str

    @property
    def system(self) -> str:
        """Return the identifier's system, one for each state: `https://saude.gov.br/fhir/sid/crm-sp`."""
        return SYSTEM_PREFIX + self.state.lower()


def normalise(number: str, state: str) -> Crm:
    """Return number and state in one spelling, valid or not.

    Rio de Janeiro writes `52-` in front of its numbers; it is not part of them.
    """
    region = state.strip().upper()
    digits = number.strip()
    if region == "RJ":
        digits = digits.removeprefix("52-")
    return Crm(digits.translate(_SEPARATORS).lstrip("0"), region)


def parse(text: str) -> Crm | None:
    """Return the valid registration that `text` writes, as in `CRM/SP 123456` or `123456-SP`, or None."""
    written = text.strip().upper()
    found = _STATE_FIRST.match(written) or _NUMBER_FIRST.match(written)
    if found is None:
        return None
    crm = normalise(found["number"], found["state"])
    return crm if is_valid(crm) else None


def is_valid(crm: Crm) -> bool:
    """Tell whether the number has one to seven digits and the state exists; there is no check digit."""
    return crm.state in STATES and _DIGITS.match(crm.number) is not None


def format(crm: Crm) -> str:
    """Return the registration as it is printed: `CRM/SP 123456`."""
    return f"CRM/{crm.state} {crm.number}"
