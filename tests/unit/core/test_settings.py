"""Reading the settings from the environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from fhir_server.core.errors import StartRefused
from fhir_server.core.settings import default_data_dir, load_settings

_SECRET = "hunter2-and-more"
_KEY = "0f" * 32


def test_without_variables_every_setting_has_its_default() -> None:
    settings = load_settings({"PATH": "/bin", "NEON": "1"})
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8000)
    assert settings.storage.database_url is None
    assert settings.fhir.update_create is True


def test_data_lies_in_the_present_folder_or_for_root_where_the_system_keeps_data() -> None:
    assert default_data_dir(1000) == Path("neonpro-data")
    assert default_data_dir(0) == Path("/var/lib/neonpro")
    assert load_settings({}).storage.data_dir.is_absolute()


def test_variables_of_the_prefix_fill_the_tree() -> None:
    settings = load_settings(
        {
            "NEONPRO_PORT": "9000",
            "NEONPRO_HOST": "::1",
            "NEONPRO_DATA_DIR": "/srv/fhir",
            "NEONPRO_UPDATE_CREATE": "false",
            "NEONPRO_CORS_ORIGINS": "https://app.example.org, https://b.example.org:8443",
            "NEONPRO_BASE_URL": "https://fhir.example.org/fhir/",
            "NEONPRO_LOG_LEVEL": "WARNING",
            "NEONPRO_POOL_WAIT_SECONDS": "2.5",
        }
    )
    assert (settings.server.host, settings.server.port) == ("::1", 9000)
    assert settings.storage.data_dir == Path("/srv/fhir")
    assert settings.fhir.update_create is False
    assert settings.server.cors_origins == ("https://app.example.org", "https://b.example.org:8443")
    assert settings.server.base_url == "https://fhir.example.org/fhir"
    assert settings.telemetry.log_level == "warning"
    assert settings.pool.pool_wait_seconds == 2.5


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load_settings({"NEONPRO_PORT": "", "NEONPRO_REDIS_URL": ""}) == load_settings({})


def test_versioned_update_is_required_of_the_listed_types_or_of_all() -> None:
    some = load_settings({"NEONPRO_VERSIONED_UPDATE": "Patient,Encounter"}).fhir
    every = load_settings({"NEONPRO_VERSIONED_UPDATE": "*"}).fhir
    assert [some.requires_if_match(name) for name in ("Patient", "Encounter", "Claim")] == [True, True, False]
    assert every.requires_if_match("Claim")
    assert not load_settings({}).fhir.requires_if_match("Claim")


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [("NEONPRO_PROT", "NEONPRO_PORT"), ("NEONPRO_DATABASE_UR", "NEONPRO_DATABASE_URL")],
)
def test_an_unknown_variable_is_refused_with_the_nearest_name(variable: str, nearest: str) -> None:
    with pytest.raises(StartRefused, match=f"^{variable} is not a setting.*did you mean {nearest}\\?$"):
        load_settings({variable: _SECRET})


def test_an_unknown_variable_like_no_other_is_refused_with_where_to_look() -> None:
    with pytest.raises(StartRefused, match=r"docs/settings\.md"):
        load_settings({"NEONPRO_XYZZY": "1"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NEONPRO_PORT", "eighty"),
        ("NEONPRO_PORT", "0"),
        ("NEONPRO_PORT", "65536"),
        ("NEONPRO_WORKERS", "-1"),
        ("NEONPRO_REQUEST_DEADLINE_SECONDS", "inf"),
        ("NEONPRO_UPDATE_CREATE", "perhaps"),
        ("NEONPRO_LOG_LEVEL", "loud"),
        ("NEONPRO_BASE_URL", "ftp://example.org"),
        ("NEONPRO_CORS_ORIGINS", "https://example.org/path"),
        ("NEONPRO_VERSIONED_UPDATE", "patient"),
        ("NEONPRO_DEFAULT_TIMEZONE", "Brasil/Nowhere"),
        ("NEONPRO_DEFAULT_TIMEZONE", "../secrets"),
        ("NEONPRO_DATABASE_URL", f"mysql://u:{_SECRET}@h/d"),
        ("NEONPRO_REDIS_URL", f"http://:{_SECRET}@h"),
        ("NEONPRO_DIGEST_KEY", _SECRET),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_in_one_line_without_repeating_it(variable: str, value: str) -> None:
    with pytest.raises(StartRefused, match=f"^{variable} has a value that cannot be used: ") as refused:
        load_settings({variable: value})
    message = str(refused.value)
    assert "\n" not in message
    assert _SECRET not in message
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.org"])  # noqa: S104
def test_a_host_that_others_reach_is_refused_while_there_is_no_login(host: str) -> None:
    with pytest.raises(StartRefused, match="only a loopback address"):
        load_settings({"NEONPRO_HOST": host})


@pytest.mark.parametrize(
    "variables",
    [
        {"NEONPRO_DEFAULT_PAGE_SIZE": "100", "NEONPRO_MAX_PAGE_SIZE": "99"},
        {"NEONPRO_DATABASE_REPLICA_URL": f"postgresql://u:{_SECRET}@h/d"},
        {"NEONPRO_MIGRATION_DATABASE_URL": f"postgresql://u:{_SECRET}@h/d"},
        {"NEONPRO_DATABASE_URL": f"postgresql://u:{_SECRET}@h/d"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(variables: dict[str, str]) -> None:
    with pytest.raises(StartRefused, match=r"^The settings do not fit together: ") as refused:
        load_settings(variables)
    assert _SECRET not in str(refused.value)


def test_secrets_show_in_no_representation() -> None:
    settings = load_settings(
        {
            "NEONPRO_DATABASE_URL": f"postgresql://u:{_SECRET}@h/d",
            "NEONPRO_REDIS_URL": f"redis://:{_SECRET}@h/0",
            "NEONPRO_DIGEST_KEY": _KEY,
        }
    )
    assert _SECRET not in f"{settings!r}{settings}"
    assert _KEY not in f"{settings!r}{settings}"
    assert settings.storage.database_url is not None
    assert settings.storage.database_url.get_secret_value().endswith("@h/d")


def test_settings_cannot_be_changed() -> None:
    settings = load_settings({})
    with pytest.raises(ValidationError, match="frozen"):
        settings.server.port = 1
