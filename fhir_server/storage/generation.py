"""Which definitions the database's index rows are made with.

A write names the generation it was prepared with, and `fhir.fence` refuses it when another one is active.
"""

from fhir_server.core.errors import Overloaded
from fhir_server.storage.pools import Database

_ACTIVE = "SELECT generation, digest FROM fhir.definitions WHERE retired_at IS NULL"


async def active_generation(database: Database, *, digest: str) -> int:
    """Return the active generation. Raises Overloaded where it is not that of the definitions `digest`.

    That is so while a release with other definitions runs beside this one: writing is then its business.
    """
    async with database.connection() as connection:
        rows = await connection.run("generation", _ACTIVE)
    if not rows or rows[0][1] != digest:
        raise Overloaded(
            "The database is in use by a release with other definitions; this one only reads.", retry_after=30
        )
    return int(rows[0][0])
