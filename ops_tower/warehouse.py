"""Runs the dbt project in this process, against the warehouse of one home.

Belongs here: how dbt is called and where it keeps its state. Does not belong here: what the models
say (`dbt_project/`), or how their results become Dagster events (`defs/warehouse/`). A process of
its own would pay for dbt's imports again on every call.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from ops_tower.settings import PROJECT_ROOT, Home

if TYPE_CHECKING:
    from dbt_common.events.base_types import EventMsg

PROJECT_DIR: Final = PROJECT_ROOT / "dbt_project"
_SOURCE_FILES: Final = ("*.sql", "*.yml", "*.csv", "*.md")


class WarehouseError(RuntimeError):
    """dbt could not do what was asked; the message says which model or test, and why."""


def manifest(home: Home) -> Path:
    """The path of an up-to-date dbt manifest, made by `dbt parse` where it is missing or stale."""
    path = home.dbt_target / "manifest.json"
    if not _is_whole(path) or path.stat().st_mtime < _last_edit():
        invoke(["parse"], home)
    return path


def make_ready(home: Home) -> Iterator[str]:
    """Clear what a run that was killed left behind; a line for what a person should know.

    The warehouse holds nothing that a run does not make again, so one that cannot be opened is set
    aside, under a name that the next sound run removes. Only who holds the home may call this.
    """
    shutil.rmtree(home.dbt_spill, ignore_errors=True)
    shutil.rmtree(home.warehouse.with_name(f"{home.warehouse.name}.tmp"), ignore_errors=True)
    aside = home.warehouse.with_name(f"{home.warehouse.name}.damaged")
    log = home.warehouse.with_name(f"{home.warehouse.name}.wal")
    if not home.warehouse.exists():
        return
    try:
        duckdb.connect(str(home.warehouse)).close()
    except duckdb.Error as error:
        if "lock" in str(error):
            raise WarehouseError(
                f"{home.warehouse} is open in another program; close it and run again."
                f" {str(error).splitlines()[0]}"
            ) from None
        home.warehouse.replace(aside)
        log.unlink(missing_ok=True)
        yield (
            f"The warehouse could not be opened and was set aside as {aside}; it is built anew."
            f" ({str(error).splitlines()[0]})"
        )
    else:
        aside.unlink(missing_ok=True)


def invoke(
    arguments: Sequence[str], home: Home, on_event: Callable[["EventMsg"], None] | None = None
) -> bool:
    """Call dbt with `arguments`; true if all of it succeeded.

    Args:
        arguments: a dbt command and its options, such as `["build"]`.
        home: whose raw tables are read and whose warehouse is written.
        on_event: receives dbt's structured log events as they happen.

    Raises:
        WarehouseError: dbt could not run at all (it did not parse, or could not connect).
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415, the same
    from dbt.cli.main import dbtRunner  # noqa: PLC0415, seconds to import

    options = ["--project-dir", PROJECT_DIR, "--profiles-dir", PROJECT_DIR]
    options += ["--target-path", home.dbt_target, "--log-path", home.dbt_logs]
    with _environment(OPS_TOWER_HOME=str(home.root)):
        try:
            outcome = dbtRunner(callbacks=[on_event] if on_event else []).invoke(
                ["--quiet", "--log-level", "none", *arguments, *map(str, options)]
            )
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if outcome.exception is not None:
        raise WarehouseError(f"dbt {arguments[0]} failed: {outcome.exception}")
    return outcome.success


def _is_whole(manifest: Path) -> bool:
    """Whether dbt was allowed to finish writing it."""
    try:
        json.loads(manifest.read_bytes())
    except (OSError, ValueError):
        return False
    return True


def _last_edit() -> float:
    return max(
        path.stat().st_mtime for pattern in _SOURCE_FILES for path in PROJECT_DIR.rglob(pattern)
    )


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
