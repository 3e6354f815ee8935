"""How the embedded PostgreSQL is set: durable, quiet about values, fit for small machines."""

import os
from pathlib import Path

_MIB = 1024 * 1024
_CONTROL_GROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def postgresql_settings(*, sockets: Path, connections: int, memory: int) -> dict[str, str]:
    """Return the server's settings for a machine with `memory` bytes and this many connections."""
    shared = min(max(memory // 8, 64 * _MIB), 1024 * _MIB) // _MIB
    return (
        _access(sockets, connections)
        | _DURABILITY
        | _PLANNING
        | _REPORTING
        | {
            "shared_buffers": f"{shared}MB",
            "effective_cache_size": f"{max(memory // 2, 128 * _MIB) // _MIB}MB",
            "work_mem": "16MB" if memory > 2048 * _MIB else "4MB",
            "maintenance_work_mem": f"{min(max(memory // 32, 32 * _MIB), 256 * _MIB) // _MIB}MB",
        }
    )


def usable_memory() -> int:
    """Return the bytes of memory that this process may use: the machine's, or its control group's if less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = _CONTROL_GROUP_LIMIT.read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdecimal() else machine


def configuration_file(settings: dict[str, str]) -> str:
    """Return `settings` as the text of a postgresql.conf."""
    quoted = ((name, value.replace("'", "''")) for name, value in settings.items())
    return "".join(f"{name} = '{value}'\n" for name, value in quoted)


def _access(sockets: Path, connections: int) -> dict[str, str]:
    return {
        "listen_addresses": "",
        # A comma separates folders there, so a folder's name is quoted.
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0700",
        "max_connections": str(connections),
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "idle_in_transaction_session_timeout": "60s",
    }


_DURABILITY = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "wal_buffers": "16MB",
    "min_wal_size": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
}

_PLANNING = {
    "jit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_naptime": "15s",
    "default_statistics_target": "100",
}

_REPORTING = {
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # The text of an error may quote the value that caused it, so only the server's own events are logged.
    # In this order LOG stands above ERROR: https://www.postgresql.org/docs/18/runtime-config-logging.html
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_autovacuum_min_duration": "-1",
    "log_checkpoints": "off",
    "log_lock_waits": "off",
    "log_temp_files": "-1",
}
