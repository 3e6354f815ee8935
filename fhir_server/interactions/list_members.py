"""The resources that a List names, to which a history or a search may be confined.

https://hl7.org/fhir/R4/http.html#history and https://hl7.org/fhir/R4/search.html#list
"""

import asyncio

import msgspec

from fhir_server.core.context import Context
from fhir_server.core.ids import is_id
from fhir_server.interactions.read import read
from fhir_server.interactions.services import Services
from fhir_server.storage.version import StoredVersion


class _Reference(msgspec.Struct):
    reference: str = ""


class _Entry(msgspec.Struct):
    item: _Reference
    deleted: bool = False


class _List(msgspec.Struct):
    entry: list[_Entry] = []


_list = msgspec.json.Decoder(_List)
_READ_AT_ONCE = 16 * 1024


async def list_members(
    services: Services, context: Context, list_id: str, *, base_url: str
) -> tuple[tuple[str, str], ...]:
    """Return the (type, id) of the local resources that `List/list_id` names and does not mark as removed.

    Raises NotFound or Gone as a read of the List does.
    """
    version = await read(services, context, "List", list_id)
    if version.body is None or len(version.body) <= _READ_AT_ONCE:
        return _members(version, base_url)
    return await asyncio.to_thread(_members, version, base_url)


def _members(version: StoredVersion, base_url: str) -> tuple[tuple[str, str], ...]:
    entries = _list.decode(version.text()).entry
    found = [_local(entry.item.reference.removeprefix(f"{base_url}/")) for entry in entries if not entry.deleted]
    return tuple(dict.fromkeys(key for key in found if key is not None))


def _local(reference: str) -> tuple[str, str] | None:
    match reference.split("/"):
        case [resource_type, resource_id] | [resource_type, resource_id, "_history", _] if (
            resource_type.isalpha() and is_id(resource_id)
        ):
            return resource_type, resource_id
        case _:
            return None
