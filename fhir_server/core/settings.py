"""The settings of the server: one frozen tree, read once from the environment.

Every field is the variable `NEONPRO_` and its name in capitals; `docs/settings.md` lists them all.
"""

import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from fhir_server.core.errors import StartRefused

PREFIX = "NEONPRO_"

_POSTGRESQL_SCHEMES = ("postgresql://", "postgres://")
_REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
_KEY = re.compile(r"[0-9a-fA-F]{64}")
_TYPE_NAME = re.compile(r"[A-Z][A-Za-z]+")


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _database_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(_POSTGRESQL_SCHEMES):
        raise ValueError("it should begin with postgresql://")
    return value


def _redis_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(_REDIS_SCHEMES):
        raise ValueError("it should begin with redis://, rediss:// or unix://")
    return value


def _digest_key(value: SecretStr) -> SecretStr:
    if not _KEY.fullmatch(value.get_secret_value()):
        raise ValueError("it should be 64 hexadecimal digits, such as `openssl rand -hex 32` prints")
    return value


def _loopback(value: str) -> str:
    try:
        loopback = value == "localhost" or ipaddress.ip_address(value).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(
            "only a loopback address such as 127.0.0.1 is allowed, "
            "because everyone who reaches this server may read and change everything"
        )
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("it should be an http or https URL without query")
    return value.rstrip("/")


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        parts = urlsplit(value)
        if value != "*" and (value != f"{parts.scheme}://{parts.netloc}" or not parts.netloc):
            raise ValueError("each origin should be * or look like https://app.example.org")
    return values


def _type_names(values: frozenset[str]) -> frozenset[str]:
    if not all(value == "*" or _TYPE_NAME.fullmatch(value) for value in values):
        raise ValueError("it should be * or a list of resource types such as Patient,Encounter")
    return values


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError) as failure:
        raise ValueError("it should be a time zone such as America/Sao_Paulo") from failure
    return value


def default_data_dir(uid: int) -> Path:
    """Return the data directory of the user `uid`: the system's for root, else one in the present folder."""
    return Path("/var/lib/neonpro") if uid == 0 else Path("neonpro-data")


DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
DigestKey = Annotated[SecretStr, AfterValidator(_digest_key)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
Positive = Annotated[int, Field(ge=1)]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


class ServerSettings(_Group):
    """Where the server listens, what it is called from outside and how long it works on a request."""

    host: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    base_url: Annotated[str, AfterValidator(_base_url)] | None = None
    trust_forwarded: bool = False
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_origins)] = ()
    request_deadline_seconds: Annotated[float, Field(gt=0)] = 30
    shutdown_grace_seconds: Positive = 15


class StorageSettings(_Group):
    """Where the data lies; without a URL the server starts its own PostgreSQL or Redis in `data_dir`."""

    data_dir: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default_factory=lambda: default_data_dir(os.geteuid()), validate_default=True
    )
    database_url: DatabaseUrl | None = None
    database_replica_url: DatabaseUrl | None = None
    migration_database_url: DatabaseUrl | None = None
    redis_url: RedisUrl | None = None
    digest_key: DigestKey | None = None

    @model_validator(mode="after")
    def _a_database_of_ones_own_needs_a_key(self) -> Self:
        if self.database_url is not None and self.digest_key is None:
            raise ValueError(f"{PREFIX}DATABASE_URL needs {PREFIX}DIGEST_KEY, the same for every server")
        return self

    @model_validator(mode="after")
    def _further_urls_need_the_first(self) -> Self:
        if self.database_url is None and (self.database_replica_url or self.migration_database_url):
            raise ValueError(
                f"{PREFIX}DATABASE_REPLICA_URL and {PREFIX}MIGRATION_DATABASE_URL need {PREFIX}DATABASE_URL"
            )
        return self


class PoolSettings(_Group):
    """How many database connections a worker holds, who waits for one, and how long a statement may take."""

    pool_size: Annotated[int, Field(ge=1, le=1000)] = 8
    pool_queue: Positive = 256
    pool_wait_seconds: Annotated[float, Field(gt=0)] = 5
    statement_timeout_seconds: Annotated[float, Field(gt=0)] = 20
    slow_statement_ms: Positive = 200


class LimitSettings(_Group):
    """The largest request that is read and the largest page that is written."""

    max_body_bytes: Positive = 16 * 1024 * 1024
    max_json_depth: Annotated[int, Field(ge=10, le=900)] = 100
    max_number_characters: Annotated[int, Field(ge=20)] = 200
    default_page_size: Positive = 50
    max_page_size: Positive = 1000

    @model_validator(mode="after")
    def _default_page_fits(self) -> Self:
        if self.default_page_size > self.max_page_size:
            raise ValueError(f"{PREFIX}DEFAULT_PAGE_SIZE is larger than {PREFIX}MAX_PAGE_SIZE")
        return self


class FhirSettings(_Group):
    """What FHIR leaves to the server."""

    update_create: bool = True
    versioned_update: Annotated[frozenset[str], BeforeValidator(_split), AfterValidator(_type_names)] = frozenset()
    default_timezone: Annotated[str, AfterValidator(_timezone)] = "America/Sao_Paulo"

    def requires_if_match(self, resource_type: str) -> bool:
        """Tell whether an update of `resource_type` must name the version it changes."""
        return "*" in self.versioned_update or resource_type in self.versioned_update


class TelemetrySettings(_Group):
    """What the server tells of itself."""

    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = "info"
    log_format: Annotated[Literal["json", "console"], BeforeValidator(_lower)] = "json"
    metrics: bool = True


class Settings(_Group):
    """All settings of the server, by what they are about."""

    server: ServerSettings = ServerSettings()
    storage: StorageSettings = Field(default_factory=StorageSettings)
    pool: PoolSettings = PoolSettings()
    limits: LimitSettings = LimitSettings()
    fhir: FhirSettings = FhirSettings()
    telemetry: TelemetrySettings = TelemetrySettings()


def setting_names() -> Iterator[tuple[str, str, str]]:
    """Yield (variable, group, field) of every setting: `("NEONPRO_PORT", "server", "port")`."""
    for group, field in Settings.model_fields.items():
        model = field.annotation
        assert isinstance(model, type)
        assert issubclass(model, _Group)
        for name in model.model_fields:
            yield PREFIX + name.upper(), group, name


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings that `environ` holds; an empty variable counts as not set.

    Raises `StartRefused` with one line that names the variable, and never its value, where a variable of the
    prefix is unknown or its value is not allowed.
    """
    known = {variable: (group, field) for variable, group, field in setting_names()}
    tree: dict[str, dict[str, Any]] = {}
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        if variable not in known:
            raise StartRefused(_unknown(variable, known))
        if environ[variable]:
            group, field = known[variable]
            tree.setdefault(group, {})[field] = environ[variable]
    try:
        return Settings.model_validate(tree)
    except ValidationError as failure:
        refusal = StartRefused(_sentence(failure))
    # Raised here, where no cause is attached that could show the value of a secret.
    raise refusal


def _unknown(variable: str, known: Mapping[str, object]) -> str:
    nearest = get_close_matches(variable, known, n=1, cutoff=0.7)
    hint = f"did you mean {nearest[0]}?" if nearest else "docs/settings.md lists those there are."
    return f"{variable} is not a setting of this server; {hint}"


def _sentence(failure: ValidationError) -> str:
    error = failure.errors(include_url=False, include_input=False)[0]
    reason = str(error["ctx"]["error"]) if error["type"] == "value_error" else error["msg"]
    reason = reason[:1].lower() + reason[1:] if reason.startswith("Input") else reason
    if len(error["loc"]) < 2:
        return f"The settings do not fit together: {reason}."
    return f"{PREFIX}{str(error['loc'][1]).upper()} has a value that cannot be used: {reason}."
