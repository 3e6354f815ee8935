"""The tables of schema `fhir`, as SQLAlchemy knows them; `docs/storage.md` explains every column.

A resource is one narrow row of `resource`, its head, and one row of `version` for each version. The head is
what writers lock; it points to the present version. A version's row is only inserted; that another version
followed it is a row of `supersession`. See `docs/adr/0001-storage-layout.md` for the reasons.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

SCHEMA = "fhir"

metadata = MetaData(schema=SCHEMA)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id, which never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the name of the type in DDL."""
        return "xid8"


ischema_names.setdefault("xid8", Xid8)


def _name() -> Text:
    return Text(collation="C")


resource = Table(
    "resource",
    metadata,
    Column("tenant", Integer, nullable=False),
    Column("rid", BigInteger, Identity(always=True), nullable=False),
    Column("type", _name(), nullable=False),
    Column("id", _name(), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("last_updated", DateTime(timezone=True), nullable=False),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
    Column("digest", LargeBinary),
    Column("meta_digest", LargeBinary),
    Column("index_generation", Integer, nullable=False, server_default=text("0")),
    Column("index_rows", LargeBinary),
    PrimaryKeyConstraint("tenant", "rid"),
    UniqueConstraint("tenant", "type", "id"),
    postgresql_with={"fillfactor": "85", "autovacuum_vacuum_scale_factor": "0.05"},
)

version = Table(
    "version",
    metadata,
    Column("tenant", Integer, nullable=False),
    Column("rid", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("type", _name(), nullable=False),
    Column("id", _name(), nullable=False),
    Column("last_updated", DateTime(timezone=True), nullable=False),
    Column("txid", Xid8, nullable=False),
    Column("method", _name(), nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("patients", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    Column("tags", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("security", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("profiles", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("digest", LargeBinary),
    Column("codec", SmallInteger, nullable=False, server_default=text("0")),
    Column("data_key", BigInteger, nullable=False, server_default=text("0")),
    Column("meta", LargeBinary),
    Column("body", LargeBinary),
    PrimaryKeyConstraint("tenant", "rid", "version"),
    CheckConstraint("method IN ('POST', 'PUT', 'PATCH', 'DELETE')", name="version_method"),
    Index("version_of_type", "tenant", "type", "last_updated", "rid", "version"),
    Index("version_of_system", "tenant", "last_updated", "rid", "version"),
)

supersession = Table(
    "supersession",
    metadata,
    Column("tenant", Integer, nullable=False),
    Column("rid", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("superseded_at", DateTime(timezone=True), nullable=False),
    Column("superseded_txid", Xid8, nullable=False),
    PrimaryKeyConstraint("tenant", "rid", "version"),
)

definitions = Table(
    "definitions",
    metadata,
    Column("generation", Integer, Identity(always=True), primary_key=True),
    Column("digest", _name(), nullable=False),
    Column("activated_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("retired_at", DateTime(timezone=True)),
    Index("definitions_active", text("(retired_at IS NULL)"), unique=True, postgresql_where=text("retired_at IS NULL")),
)

release = Table(
    "release",
    metadata,
    Column("revision", _name(), primary_key=True),
    Column("compatible_from", _name(), nullable=False),
    Column("product", _name(), nullable=False),
    Column("applied_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
