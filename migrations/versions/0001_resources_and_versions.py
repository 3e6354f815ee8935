"""The first schema: resources, their versions, generations of the definitions, and releases."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The oldest revision whose release can still run on the schema that this one leaves behind.
compatible_from = "0001"

_TABLES = """
CREATE TABLE fhir.resource (
    tenant integer NOT NULL,
    rid bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    type text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    last_updated timestamptz NOT NULL,
    deleted boolean NOT NULL DEFAULT false,
    digest bytea,
    meta_digest bytea,
    index_generation integer NOT NULL DEFAULT 0,
    index_rows bytea,
    PRIMARY KEY (tenant, rid),
    UNIQUE (tenant, type, id)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE fhir.version (
    tenant integer NOT NULL,
    rid bigint NOT NULL,
    version bigint NOT NULL,
    type text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    last_updated timestamptz NOT NULL,
    txid xid8 NOT NULL,
    method text COLLATE "C" NOT NULL,
    status smallint NOT NULL,
    patients bigint[] NOT NULL DEFAULT '{}',
    tags text[] NOT NULL DEFAULT '{}',
    security text[] NOT NULL DEFAULT '{}',
    profiles text[] NOT NULL DEFAULT '{}',
    digest bytea,
    codec smallint NOT NULL DEFAULT 0,
    data_key bigint NOT NULL DEFAULT 0,
    meta bytea,
    body bytea,
    PRIMARY KEY (tenant, rid, version),
    CONSTRAINT version_method CHECK (method IN ('POST', 'PUT', 'PATCH', 'DELETE'))
);

CREATE INDEX version_of_type ON fhir.version (tenant, type, last_updated, rid, version);
CREATE INDEX version_of_system ON fhir.version (tenant, last_updated, rid, version);

CREATE TABLE fhir.supersession (
    tenant integer NOT NULL,
    rid bigint NOT NULL,
    version bigint NOT NULL,
    superseded_at timestamptz NOT NULL,
    superseded_txid xid8 NOT NULL,
    PRIMARY KEY (tenant, rid, version)
);

CREATE TABLE fhir.definitions (
    generation integer NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest text COLLATE "C" NOT NULL,
    activated_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);
CREATE UNIQUE INDEX definitions_active ON fhir.definitions ((retired_at IS NULL)) WHERE retired_at IS NULL;

CREATE TABLE fhir.release (
    revision text COLLATE "C" NOT NULL PRIMARY KEY,
    compatible_from text COLLATE "C" NOT NULL,
    product text COLLATE "C" NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""

# Both functions are VOLATILE PL/pgSQL on purpose: each statement in them sees a snapshot of its own, taken
# after the lock was granted. In a plain statement the snapshot would be older than the wait. The fence returns
# the time of what is written behind it, read after the transaction has its id. It names every schema instead of
# setting a search path, because that costs as much as the rest of it.
_FENCE = """
CREATE FUNCTION fhir.fence(prepared_with integer) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock_shared(1178946130, 1);
    IF NOT EXISTS (
        SELECT FROM fhir.definitions d
        WHERE d.retired_at IS NULL AND d.generation OPERATOR(pg_catalog.=) prepared_with
    )
    THEN
        RAISE EXCEPTION 'stale definitions' USING ERRCODE = 'NP001';
    END IF;
    PERFORM pg_catalog.pg_current_xact_id();
    RETURN pg_catalog.date_trunc('milliseconds', pg_catalog.clock_timestamp());
END $$;

CREATE FUNCTION fhir.activate_definitions(digest_wanted text) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
DECLARE
    active fhir.definitions;
    activated integer;
BEGIN
    PERFORM pg_advisory_xact_lock(1178946130, 1);
    SELECT * INTO active FROM fhir.definitions d WHERE d.retired_at IS NULL;
    IF active.digest = digest_wanted THEN
        RETURN active.generation;
    END IF;
    UPDATE fhir.definitions SET retired_at = now() WHERE retired_at IS NULL;
    INSERT INTO fhir.definitions (digest) VALUES (digest_wanted) RETURNING generation INTO activated;
    RETURN activated;
END $$;
"""


def upgrade() -> None:
    """Create everything; there is no older release to run beside this one."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute(_TABLES)
    op.execute(_FENCE)
