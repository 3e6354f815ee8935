"""`docs/settings.md` and the settings say the same."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

from fhir_server.core.settings import Settings, default_data_dir, load_settings, setting_names

_PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
_ROW = re.compile(r"^\| `(NEONPRO_[A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def documented() -> Mapping[str, str]:
    """The default of every variable, as the page tells it."""
    rows = _ROW.findall(_PAGE.read_text(encoding="utf-8"))
    assert len({row[0] for row in rows}) == len(rows)
    return {variable: default for variable, default, _, _ in rows}


def test_every_setting_is_documented_and_every_documented_one_exists(documented: Mapping[str, str]) -> None:
    assert set(documented) == {variable for variable, _, _ in setting_names()}


def test_the_documented_defaults_are_true(documented: Mapping[str, str]) -> None:
    settings = load_settings({"NEONPRO_DATA_DIR": str(default_data_dir(1000).absolute())})
    actual = {variable: _shown(getattr(getattr(settings, group), field)) for variable, group, field in setting_names()}
    assert actual == documented


def test_the_whole_tree_is_frozen() -> None:
    settings = Settings()
    models = [settings, *(getattr(settings, group) for group in Settings.model_fields)]
    assert all(isinstance(model, BaseModel) and model.model_config["frozen"] for model in models)


def _shown(value: object) -> str:
    match value:
        case None | () | frozenset():
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case Path():
            return f"`{value.name}`"
        case _:
            return f"`{value}`"
