"""Where loaded resources go: the preparation and the write path of the server."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fhir_server.core.context import Context
from fhir_server.core.errors import FhirError, Invalid
from fhir_server.core.outcome import IssueType
from fhir_server.interactions.change import Change, Effect
from fhir_server.interactions.content import Content
from fhir_server.interactions.services import Services
from fhir_server.interactions.write import write
from fhir_server.validation.structure import StructuralValidator


@dataclass(frozen=True, slots=True)
class Target:
    """What loading needs of the server.

    `prepare` returns the content to be stored of a resource of this type (empty where nobody can tell) and
    raises FhirError where it may not be stored. `write` applies a set of changes, all or none, and tells what
    each did.
    """

    prepare: Callable[[str, bytes], Content]
    write: Callable[[Sequence[Change]], Awaitable[Sequence[Effect]]]


def server_target(services: Services, context: Context) -> Target:
    """Return the target that stores into the server of `services`, as `context` asks."""
    validator = StructuralValidator(services.definitions)
    stored_types = frozenset(services.definitions.stored_types)

    def prepare(resource_type: str, data: bytes) -> Content:
        if resource_type in stored_types:
            return services.preparation.content_now(resource_type, data)
        raise _not_storable(resource_type, validator, data)

    async def write_all(changes: Sequence[Change]) -> list[Effect]:
        return [result.decision.effect for result in await write(services, context, changes)]

    return Target(prepare, write_all)


def _not_storable(resource_type: str, validator: StructuralValidator, data: bytes) -> FhirError:
    if issues := validator.issues(data):
        return Invalid("The resource is not valid.", issues=issues)
    return Invalid(f"Resources of type {resource_type} are exchanged but never stored.", code=IssueType.NOT_SUPPORTED)
