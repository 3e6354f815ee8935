"""One request is one unit of work, whose edge is the write path: nothing else begins or ends a transaction."""

from tests.architecture.sources import calls, source_files

TRANSACTIONS = frozenset({"commit", "rollback", "transaction"})
EDGES = ("fhir_server/storage/", "fhir_server/interactions/write.py")


def test_transactions_begin_and_end_at_the_edges_alone() -> None:
    elsewhere = [
        f"{file.name}:{call.lineno} {name}"
        for file in source_files("fhir_server")
        if not file.name.startswith(EDGES)
        for call, name in calls(file.tree)
        if name in TRANSACTIONS
    ]
    assert not elsewhere
