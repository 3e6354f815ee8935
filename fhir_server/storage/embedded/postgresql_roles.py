"""The roles and the database that the server works with inside the embedded PostgreSQL.

postgres          superuser; makes the rest and is not used afterwards
neonpro_migrate   owns the database and everything that migrations make
neonpro_app       reads and writes rows; makes no table, no schema, no role
"""

import psycopg
from psycopg import sql

from fhir_server.storage.embedded.credentials import Credentials

SUPERUSER = "postgres"
MIGRATE = "neonpro_migrate"
APP = "neonpro_app"
DATABASE = "neonpro"
MAINTENANCE_DATABASE = "postgres"

_UNFINISHED = f"{DATABASE}_unfinished"
_PRIVILEGES = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {app}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
)


def has_database(superuser: psycopg.Connection) -> bool:
    """Tell whether the database is there, with its roles and privileges."""
    found = superuser.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
    return found is not None


def make_database(superuser: psycopg.Connection, credentials: Credentials) -> None:
    """Make the roles and the database over a connection of the superuser in autocommit.

    The database gets its name last, so that one made by half is made again and never used.
    """
    _make_role(superuser, MIGRATE, credentials.migrate)
    _make_role(superuser, APP, credentials.app)
    names = {
        "database": sql.Identifier(_UNFINISHED),
        "migrate": sql.Identifier(MIGRATE),
        "app": sql.Identifier(APP),
    }
    superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {database}").format(**names))
    superuser.execute(sql.SQL("CREATE DATABASE {database} OWNER {migrate}").format(**names))
    with _connected_to(_UNFINISHED, superuser.info) as inside:
        for statement in _PRIVILEGES:
            inside.execute(sql.SQL(statement).format(**names))
    superuser.execute(
        sql.SQL("ALTER DATABASE {database} RENAME TO {name}").format(**names, name=sql.Identifier(DATABASE))
    )


def _make_role(superuser: psycopg.Connection, name: str, password: str) -> None:
    present = superuser.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    verifier = superuser.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    superuser.execute(
        sql.SQL(
            "{verb} ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {verifier}"
        ).format(
            verb=sql.SQL("ALTER" if present else "CREATE"),
            name=sql.Identifier(name),
            verifier=sql.Literal(verifier.decode()),
        )
    )


def _connected_to(database: str, server: psycopg.ConnectionInfo) -> psycopg.Connection:
    return psycopg.connect(
        host=server.host, user=server.user, password=server.password, dbname=database, autocommit=True
    )
