"""Makes resources and changes for tests; every value is invented."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fhir_server.core.context import Context
from fhir_server.core.json import dump
from fhir_server.interactions.change import NO_PRECONDITION, Change, Given, Precondition
from fhir_server.interactions.services import Services
from fhir_server.interactions.write import Result, write
from fhir_server.storage.write import NewVersion, Written, insert_versions


def patient(resource_id: str | None = None, family: str = "Silva", **elements: Any) -> bytes:
    """Return a Patient as JSON text."""
    named = {} if resource_id is None else {"id": resource_id}
    return dump({"resourceType": "Patient", **named, "name": [{"family": family}], **elements})


def put(
    services: Services,
    resource_id: str,
    family: str = "Silva",
    *,
    precondition: Precondition = NO_PRECONDITION,
    given: Given | None = None,
    **elements: Any,
) -> Change:
    """Return the change that stores a Patient under an id of the client's."""
    content = services.preparation.content_now("Patient", patient(resource_id, family, **elements))
    return Change("PUT", "Patient", resource_id, content, precondition, given)


def removal(resource_id: str, *, precondition: Precondition = NO_PRECONDITION, given: Given | None = None) -> Change:
    """Return the change that deletes a Patient."""
    return Change("DELETE", "Patient", resource_id, None, precondition, given)


async def write_one(services: Services, context: Context, change: Change) -> Result:
    """Write a set of one change."""
    return (await write(services, context, [change]))[0]


@asynccontextmanager
async def uncommitted(services: Services, context: Context, *ids: str) -> AsyncIterator[list[Written]]:
    """Create Patients in a transaction that is under way inside and commits at the end."""
    generation = await services.generation.current()
    async with services.database.connection() as connection, connection.transaction():
        yield await insert_versions(
            connection,
            tenant=context.tenant,
            generation=generation,
            versions=[NewVersion("Patient", each, 1, "PUT", 201, None, body=b"{}") for each in ids],
        )


def bare(services: Services, resource_type: str, resource_id: str, *, given: Given | None = None) -> Change:
    """Return the change that stores a resource of any type that needs no element."""
    data = dump({"resourceType": resource_type, "id": resource_id})
    content = services.preparation.content_now(resource_type, data)
    return Change("PUT", resource_type, resource_id, content, given=given)
