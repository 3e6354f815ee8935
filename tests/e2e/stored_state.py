"""Whether what a server stored is whole, asked over HTTP and in the database."""

import asyncio
from collections.abc import Iterator

import psycopg

from fhir_server.storage.embedded.postgresql import running_postgresql
from tests.e2e.writers import CLIENTS, Ledger
from tests.plugins.process import Neonpro
from tests.plugins.raw_http import raw_client

_RULES = {
    "every head has all versions up to its own, without a gap": """
        SELECT r.rid FROM fhir.resource r
        LEFT JOIN LATERAL (
            SELECT count(*) AS number, min(v.version) AS first, max(v.version) AS last
            FROM fhir.version v WHERE v.tenant = r.tenant AND v.rid = r.rid
        ) v ON true
        WHERE (v.number, v.first, v.last) IS DISTINCT FROM (r.version, 1, r.version)
    """,
    "every version belongs to a head": """
        SELECT v.rid FROM fhir.version v
        LEFT JOIN fhir.resource r ON (r.tenant, r.rid, r.type, r.id) = (v.tenant, v.rid, v.type, v.id)
        WHERE r.rid IS NULL
    """,
    "every head says what its version says": """
        SELECT r.rid FROM fhir.resource r
        JOIN fhir.version v ON (v.tenant, v.rid, v.version) = (r.tenant, r.rid, r.version)
        WHERE v.last_updated <> r.last_updated OR v.digest IS DISTINCT FROM r.digest
            OR r.deleted <> (v.body IS NULL)
    """,
    "every version but the last is superseded by the next, later one": """
        SELECT v.rid FROM fhir.version v
        LEFT JOIN fhir.version n ON (n.tenant, n.rid, n.version) = (v.tenant, v.rid, v.version + 1)
        FULL JOIN fhir.supersession s ON (s.tenant, s.rid, s.version) = (v.tenant, v.rid, v.version)
        WHERE v.rid IS NULL OR n.last_updated <= v.last_updated
            OR (s.superseded_at, s.superseded_txid) IS DISTINCT FROM (n.last_updated, n.txid)
    """,
    "every body is JSON": """
        SELECT rid FROM fhir.version
        WHERE body IS NOT NULL AND codec = 0 AND NOT convert_from(body, 'UTF8') IS JSON OBJECT
    """,
}


def require_nothing_lost(server: Neonpro, ledger: Ledger) -> None:
    """Fail the test where the server lost a write that `ledger` has as acknowledged, or kept half of another."""
    asyncio.run(_require_acknowledged_writes(server.base_url, ledger))
    address = running_postgresql(server.data)
    assert address is not None
    _require_whole_versions(address.app_url())


def _require_whole_versions(database_url: str) -> None:
    """Fail the test where some version is stored by half, or a page's checksum is wrong."""
    with psycopg.connect(database_url) as connection:
        assert _one(connection, "SHOW data_checksums") == "on"
        assert _one(connection, "SHOW fsync") == "on"
        broken = {rule: connection.execute(query).fetchall() for rule, query in _RULES.items()}
        assert not {rule: rows for rule, rows in broken.items() if rows}
        assert _one(connection, "SELECT coalesce(sum(checksum_failures), 0) FROM pg_stat_database") == 0


async def _require_acknowledged_writes(base_url: str, ledger: Ledger) -> None:
    """Fail the test unless every acknowledged version is served as it was acknowledged.

    The present version of each resource must be the last acknowledged one, or a later one that was sent.
    """
    versions, heads = iter(ledger.acknowledged.items()), iter(ledger.latest().items())
    async with asyncio.TaskGroup() as readers:
        for _ in range(CLIENTS):
            readers.create_task(_reader(base_url, versions, heads, ledger))


async def _reader(
    base_url: str,
    versions: Iterator[tuple[tuple[str, int], str]],
    heads: Iterator[tuple[str, int]],
    ledger: Ledger,
) -> None:
    async with raw_client(base_url) as client:
        for (resource_id, version), text in versions:
            answer = await client.request("GET", f"/Observation/{resource_id}/_history/{version}")
            assert answer.status == 200, f"Version {version} of {resource_id} was acknowledged and is lost."
            resource = answer.resource
            assert (resource["id"], resource["meta"]["versionId"]) == (resource_id, str(version))
            assert resource["code"]["text"] == text
        for resource_id, latest in heads:
            answer = await client.request("GET", f"/Observation/{resource_id}")
            assert answer.status == 200
            assert int(answer.resource["meta"]["versionId"]) >= latest
            assert answer.resource["code"]["text"] in ledger.sent[resource_id]


def _one(connection: psycopg.Connection[tuple[object, ...]], query: str) -> object:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]
