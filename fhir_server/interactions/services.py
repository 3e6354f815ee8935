"""What the interactions work with; `fhir_server.wiring` builds it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fhir_server.definitions import Definitions
from fhir_server.interactions.change import WriteRules
from fhir_server.interactions.prepare import Preparation
from fhir_server.storage.pools import Database


@dataclass(slots=True)
class Generation:
    """The generation of the definitions that this process writes with; `reload` asks the database again.

    It is the one mutable part: a process whose definitions are still the active ones may go on after another
    process was the one to activate them.
    """

    reload: Callable[[], Awaitable[int]]
    number: int | None = None

    async def current(self) -> int:
        """Return the number, asking the database the first time."""
        if self.number is None:
            self.number = await self.reload()
        return self.number

    def forget(self) -> None:
        """Make the next use ask the database."""
        self.number = None


@dataclass(frozen=True, slots=True)
class Services:
    """The definitions, what makes bodies ready to be stored, the database, and the rules of writing."""

    definitions: Definitions
    preparation: Preparation
    database: Database
    generation: Generation
    rules: WriteRules
    history_patience: float = 0.5
