"""The published file: write a version, swap the pointer, open the current one.

Pipeline and dashboard share this module and nothing else. A version is a DuckDB file of its own
name, `ops-<run>.duckdb`, that is never changed once it has that name; `current` is a symbolic link
to the newest. A reader resolves the link once and keeps to that file, so no reader ever sees two
versions at a time. DuckDB keeps one instance per path and process: a fixed name would serve old
data for as long as an old connection lives.
"""

import os
import shutil
import time
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd

POINTER: Final = "current"
LAYOUT: Final = 2
"""Raised when the dashboard comes to read a table or a column that earlier versions lack, or when
one comes to mean something else: the dashboard opens a file of its own layout only."""
SCHEMAS: Final = ("marts", "analysis")
READER_MEMORY: Final = "1GB"
ANALYSIS_TABLES: Final = (
    "process_transitions",
    "process_variants",
    "process_coverage",
    "group_bottlenecks",
    "conformance",
    "conformance_deviations",
    "conformance_variants",
    "handovers",
    "rework",
    "process_waits",
    "volume_forecast",
    "forecast_backtest",
    "anomalies",
    "anomaly_watch",
    "capacity_gap",
    "backlog_projection",
    "backlog_outlook",
    "drivers",
    "open_target_risk",
    "sla_alerts",
    "alert_ledger",
    "alert_weeks",
    "breach_risk_judgement",
    "breach_risk_calibration",
    "sla_change",
    "recommendations",
    "silent_rules",
    "answers",
    "monday_brief",
    "run_info",
)


def publish(warehouse: Path, folder: Path, run_id: str, keep: int = 3) -> Path:
    """Copy the tables of `marts` and `analysis` into a new version and point to it.

    Args:
        warehouse: the DuckDB file that the run built; no other process may hold it open.
        folder: where versions live; made if missing.
        run_id: names the version.
        keep: how many versions stay, this one included; at least two, since a reader may be on the
            way to the one before.

    Returns:
        The new version's path. On any error the pointer is as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    version = folder / f"ops-{run_id}.duckdb"
    unfinished = folder / f".{version.name}.unfinished"
    for leftover in folder.glob(".ops-*.unfinished*"):
        if leftover.is_dir():  # what the engine spilled
            shutil.rmtree(leftover)
        else:
            leftover.unlink()
    _copy_tables(warehouse, unfinished)
    _date_after(versions(folder), unfinished)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(version)
    _point_to(version)
    for old in versions(folder)[max(keep, 2) :]:
        old.unlink()
    return version


def versions(folder: Path) -> list[Path]:
    """All versions in `folder`, the newest first; the one pointed to leads."""
    found = sorted(folder.glob("ops-*.duckdb"), key=lambda path: -path.stat().st_mtime_ns)
    live = _resolve(folder / POINTER)
    return sorted(found, key=lambda path: path != live)


def current(home: Path) -> Path | None:
    """The real path of the version that is published in `home`; None before the first."""
    return _resolve(home / "published" / POINTER)


def connect(version: Path) -> duckdb.DuckDBPyConnection:
    """Open a version for reading; take a `.cursor()` for each query.

    Raises:
        duckdb.IOException: the version is gone; resolve `current` again.
    """
    return duckdb.connect(
        str(version),
        read_only=True,
        config={"memory_limit": READER_MEMORY, "enable_external_access": False},
    )


def read(version: Path, query: str) -> pd.DataFrame:
    """The rows of a query over a version, as a frame."""
    with connect(version) as connection:
        return connection.execute(query).df()


def _resolve(pointer: Path) -> Path | None:
    try:
        return pointer.resolve(strict=True)
    except (OSError, RuntimeError):  # not there, or a link to itself
        return None


def _date_after(others: list[Path], version: Path) -> None:
    """Make `version` the youngest of all, whatever the clock did since they were written."""
    youngest = max((path.stat().st_mtime_ns for path in others), default=0)
    moment = max(time.time_ns(), youngest + 1)
    os.utime(version, ns=(moment, moment))


def _copy_tables(warehouse: Path, target: Path) -> None:
    warehouse.stat()  # the engine would make a file that is not there, and publish nothing
    # The engine has one instance per file and process, and the run may hold this one open.
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"attach {literal(target)} as version")
        tables = connection.execute(
            """
            select schema_name, table_name from duckdb_tables()
            where database_name = current_database() and list_contains(?, schema_name)
            order by all
            """,
            [list(SCHEMAS)],
        ).fetchall()
        try:
            for schema in SCHEMAS:
                connection.execute(f"create schema version.{schema}")
            for schema, table in tables:
                connection.execute(
                    f'create table version.{schema}."{table}" as from {schema}."{table}"'
                )
        finally:
            connection.execute("detach version")  # which folds its log into it


def _point_to(version: Path) -> None:
    swap = version.with_name(f".{POINTER}.swap")
    swap.unlink(missing_ok=True)
    swap.symlink_to(version.name)
    swap.replace(version.with_name(POINTER))


def literal(path: Path) -> str:
    """A path as a string of SQL."""
    return "'" + str(path).replace("'", "''") + "'"
