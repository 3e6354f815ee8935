"""Looks at the tables of the test's database over a connection of its own; costs a few milliseconds."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.plugins.servers import Database


class Rows:
    """The rows of the test's database, read as the superuser."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection

    def all(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of `query` by the names of their columns."""
        return self._connection.execute(query.encode()).fetchall()

    def counts(self) -> tuple[int, int, int]:
        """Return the numbers of resources, versions and supersessions."""
        row = self.all(
            "SELECT (SELECT count(*) FROM fhir.resource) AS r, (SELECT count(*) FROM fhir.version) AS v, "
            "(SELECT count(*) FROM fhir.supersession) AS s"
        )[0]
        return row["r"], row["v"], row["s"]


@pytest.fixture
def rows(database: Database) -> Iterator[Rows]:
    """Yield the rows of the test's database."""
    with psycopg.connect(database.superuser_url, autocommit=True, row_factory=dict_row) as connection:
        yield Rows(connection)
