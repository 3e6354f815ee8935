"""The passwords and keys of the embedded servers: random, made once, in a file that only its owner reads."""

import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from fhir_server.core.errors import StartRefused
from fhir_server.crypto.digest import KEY_BYTES
from fhir_server.storage.embedded.files import write_durably


def _password() -> str:
    return secrets.token_urlsafe(32)


def _key() -> str:
    return secrets.token_hex(KEY_BYTES)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A password for each role of PostgreSQL and for Redis, and the key of digests; none is ever shown."""

    superuser: str = field(default_factory=_password, repr=False)
    migrate: str = field(default_factory=_password, repr=False)
    app: str = field(default_factory=_password, repr=False)
    redis: str = field(default_factory=_password, repr=False)
    digest_key: str = field(default_factory=_key, repr=False)


def load_credentials(directory: Path, *, may_create: bool) -> Credentials:
    """Return the credentials of the data directory at `directory`.

    Raises `StartRefused` where they are missing and `may_create` is false, or unreadable.
    """
    file = directory / "credentials.json"
    if not file.exists():
        if not may_create:
            raise StartRefused(f"{file} is missing; restore it from the backup of the data directory.")
        made = Credentials()
        write_durably(file, json.dumps(asdict(made)), mode=0o600)
        return made
    try:
        found = json.loads(file.read_bytes())
    except ValueError:
        found = None
    # A key that is made anew for one that is missing would not fit what was written with the old one.
    if not isinstance(found, dict) or found.keys() != {each.name for each in fields(Credentials)}:
        raise StartRefused(f"{file} is damaged; restore it from the backup of the data directory.")
    return Credentials(**found)
