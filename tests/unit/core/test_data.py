import pytest

from fhir_server.core.data import data_folder


@pytest.mark.parametrize("name", ["profiles", "terminology", "migrations"])
def test_the_folders_of_data_are_there(name: str) -> None:
    assert data_folder(name).is_dir()
    assert any(data_folder(name).iterdir())
