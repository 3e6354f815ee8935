"""`neonpro load`"""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar

from fhir_server.bulk.load import Progress
from fhir_server.bulk.load import load as load_sources
from fhir_server.bulk.report import LoadReport
from fhir_server.bulk.sources import Piece, Source, file_sources
from fhir_server.bulk.target import server_target
from fhir_server.command_line.load_report import report_lines
from fhir_server.core.context import Context
from fhir_server.core.json import dump
from fhir_server.core.settings import Settings, StorageSettings, load_settings
from fhir_server.definitions import Definitions, load_definitions
from fhir_server.demo.demo_clinic import demo_clinic
from fhir_server.interactions.change import WriteRules
from fhir_server.storage.embedded.data_directory import open_data_directory
from fhir_server.storage.embedded.postgresql import running_postgresql, start_postgresql
from fhir_server.storage.embedded.postgresql_address import PostgresqlAddress
from fhir_server.storage.embedded.postgresql_roles import APP
from fhir_server.storage.migrations import check, upgrade
from fhir_server.wiring import open_services


def load(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files (.json, .ndjson, either with .gz) or folders that hold some."),
    ] = None,
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Load a made-up Brazilian clinic.")] = False,
    seed: Annotated[int, typer.Option(help="Which made-up clinic.")] = 1,
    patients: Annotated[int, typer.Option(min=1, help="How many patients it has.")] = 200,
) -> None:
    """Store resources and Bundles, whether or not the server runs; exit code 0 says that all went in.

    Repeating it is harmless where resources carry ids. A Bundle of type document or message is stored as it
    is; of any other, each resource by itself.
    """
    if not paths and not demo:
        raise typer.BadParameter("name files or folders to load, or use --demo", param_hint="PATH")
    sources = file_sources(paths or [])
    settings = load_settings(os.environ)
    definitions = load_definitions()
    with _reachable_storage(settings.storage) as storage:
        if demo:
            sources.append(_demo_source(seed, patients))
        settings = settings.model_copy(update={"storage": storage})
        with _progress_bar(sources) as progress:
            report = asyncio.run(_load(settings, definitions, sources, progress=progress))
    for line in report_lines(report):
        typer.echo(line)
    if not report.complete:
        raise typer.Exit(1)


async def _load(
    settings: Settings,
    definitions: Definitions,
    sources: Sequence[Source],
    *,
    progress: Callable[[Progress], None],
) -> LoadReport:
    async with open_services(settings, definitions) as services:
        # Whoever may load owns the data: what clients may not do over HTTP does not bind him.
        own_rules = WriteRules(update_create=True, versioned_update=frozenset())
        target = server_target(replace(services, rules=own_rules), Context())
        return await load_sources(sources, target, progress=progress)


@contextmanager
def _reachable_storage(storage: StorageSettings) -> Iterator[StorageSettings]:
    """Yield the settings with the URL of a database that serves: of a running server, or started for this.

    Raises StartRefused where it cannot be reached or has another schema than this release.
    """
    if storage.database_url:
        check(storage.database_url.get_secret_value())
        yield storage
        return
    running = running_postgresql(storage.data_dir)
    if running:
        check(running.app_url())
        yield _with_database(storage, running)
        return
    with open_data_directory(storage.data_dir) as directory:
        server = start_postgresql(directory)
        try:
            upgrade(server.migration_url, app_role=APP)
            yield _with_database(storage, server.address)
        finally:
            server.stop()


def _with_database(storage: StorageSettings, address: PostgresqlAddress) -> StorageSettings:
    found = {
        "database_url": SecretStr(address.app_url()),
        "digest_key": SecretStr(address.credentials.digest_key),
    }
    return storage.model_copy(update=found)


def _demo_source(seed: int, patients: int) -> Source:
    texts = [dump(resource) for resource in demo_clinic(seed, patients)]

    def read() -> Iterator[Piece]:
        for number, text in enumerate(texts, start=1):
            yield Piece(f"resource {number}", text, number)

    return Source(f"demo clinic with seed {seed}", len(texts), read)


@contextmanager
def _progress_bar(sources: Sequence[Source]) -> Iterator[Callable[[Progress], None]]:
    """Yield what shows progress on standard error, with the rate and the remaining time."""
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[resources]:,} resources, {task.fields[rate]:,.0f}/s,"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    total = max(1, sum(source.size for source in sources))
    with ProgressBar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("load", total=total, resources=0, rate=0.0)

        def show(progress: Progress) -> None:
            elapsed = bar.tasks[task].elapsed or 0.0
            rate = progress.resources / elapsed if elapsed else 0.0
            bar.update(task, completed=progress.position, resources=progress.resources, rate=rate)

        yield show
