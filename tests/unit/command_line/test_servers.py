"""Which servers a command works with."""

from fhir_server.command_line.servers import running_servers
from fhir_server.core.settings import load_settings

_DATABASE = "postgresql://app:one@db.example.org/fhir"
_MIGRATION = "postgresql://owner:two@db.example.org/fhir"
_GIVEN = {
    "NEONPRO_DATABASE_URL": _DATABASE,
    "NEONPRO_REDIS_URL": "redis://:three@cache.example.org/0",
    "NEONPRO_DIGEST_KEY": "0f" * 32,
}


def test_servers_of_the_settings_are_used_as_they_are() -> None:
    with running_servers(load_settings(_GIVEN).storage) as servers:
        assert (servers.database_url, servers.migration_url) == (_DATABASE, _DATABASE)
        assert servers.redis_url == "redis://:three@cache.example.org/0"
        assert servers.app_role is None
        assert servers.ended() is None


def test_a_role_of_its_own_for_migrations_lets_the_application_in() -> None:
    settings = load_settings({**_GIVEN, "NEONPRO_MIGRATION_DATABASE_URL": _MIGRATION})
    with running_servers(settings.storage) as servers:
        assert servers.migration_url == _MIGRATION
        assert servers.app_role == "app"


def test_no_secret_shows() -> None:
    with running_servers(load_settings(_GIVEN).storage) as servers:
        assert not any(secret in repr(servers) for secret in ("app:one", ":three", "0f0f"))
