"""Where an embedded PostgreSQL is found and as whom one enters it."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from fhir_server.storage.embedded import postgresql_roles as roles
from fhir_server.storage.embedded.credentials import Credentials


@dataclass(frozen=True, slots=True)
class PostgresqlAddress:
    """The URLs of a PostgreSQL that listens in the folder `sockets`; they hold passwords."""

    sockets: Path
    credentials: Credentials = field(repr=False)

    def app_url(self, database: str = roles.DATABASE) -> str:
        """Return the URL for the role that reads and writes rows."""
        return self._url(roles.APP, self.credentials.app, database)

    def migration_url(self, database: str = roles.DATABASE) -> str:
        """Return the URL for the role that owns the schema."""
        return self._url(roles.MIGRATE, self.credentials.migrate, database)

    def superuser_url(self, database: str = roles.MAINTENANCE_DATABASE) -> str:
        """Return the URL for the superuser."""
        return self._url(roles.SUPERUSER, self.credentials.superuser, database)

    def _url(self, user: str, password: str, database: str) -> str:
        host = urlencode({"host": str(self.sockets)})
        return f"postgresql://{user}:{quote(password, safe='')}@/{quote(database, safe='')}?{host}"
