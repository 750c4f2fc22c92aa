"""Dagster's own record of runs: one instance per home, telemetry off.

Belongs here: where Dagster keeps its state, what that costs, and which of its runs are dead.
`dagster dev` reads the same folder through `DAGSTER_HOME`, so runs of the command line are seen in
its user interface.
"""

import json
import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import dagster as dg
from sqlalchemy.exc import DatabaseError
from yaml import YAMLError  # type: ignore[import-untyped]

from ops_tower.settings import DAILY_JOB, Settings


class InstanceError(RuntimeError):
    """Dagster's own state cannot be used; the message says what to do."""


POSTGRES_VARIABLE: Final = "OPS_TOWER_DAGSTER_POSTGRES_URL"
CONFIG: Final = """\
telemetry:
  enabled: false
nux:
  enabled: false
# Steps print nothing: what they say is in the event log, and dbt keeps its own. Capturing the
# terminal would start four processes per run.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
concurrency:
  pools:
    default_limit: 1
  # The second run waits in the queue; the home's lock refuses one that does not queue.
  runs:
    max_concurrent_runs: 1
run_monitoring:
  enabled: true
  start_timeout_seconds: 300
  max_runtime_seconds: 21600
# A run whose process died is started once more. One that failed by itself is not: its steps have
# had their own retries, and data that fails a check fails it again.
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false
freshness:
  enabled: true
"""
SQLITE: Final = """\
event_log_storage:
  module: ops_tower.event_log
  class: OpenEventLogStorage
  config:
    base_dir: {base_dir}
"""
POSTGRES: Final = f"""\
storage:
  postgres:
    postgres_url:
      env: {POSTGRES_VARIABLE}
"""
HEADER: Final = "# Written by ops-tower at each start. To keep your own, remove this line.\n"


def prepare(settings: Settings) -> Path:
    """Make the home's Dagster folder a `DAGSTER_HOME` that is as the settings say.

    Returns:
        The folder. A `dagster.yaml` in it that a person has made their own stays as it is.
    """
    if settings.dagster_postgres_url and find_spec("dagster_postgres") is None:
        raise InstanceError(
            f"{POSTGRES_VARIABLE} is set, but the package for PostgreSQL is not installed: install"
            " ops-tower[postgres]."
        )
    folder = settings.places.dagster
    folder.mkdir(parents=True, exist_ok=True)
    sqlite = SQLITE.format(base_dir=json.dumps(str(folder / "history" / "runs")))
    wanted = HEADER + CONFIG + (POSTGRES if settings.dagster_postgres_url else sqlite)
    config = folder / "dagster.yaml"
    found = config.read_text() if config.exists() else HEADER
    if found.startswith(HEADER) and found != wanted:
        unfinished = config.with_suffix(".unfinished")
        unfinished.write_text(wanted)
        unfinished.replace(config)
    return folder


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """The instance of the home that `settings` name.

    Raises:
        InstanceError: its configuration or its record of runs cannot be used, or the package for
            the database that is set is missing.
    """
    folder = prepare(settings)
    os.environ["DAGSTER_HOME"] = str(folder)
    try:
        instance = dg.DagsterInstance.from_config(str(folder))
        instance.get_run_records(limit=1)  # a damaged record shows itself only when it is read
    except (dg.DagsterError, YAMLError) as error:
        raise InstanceError(
            f"{folder / 'dagster.yaml'} cannot be used: mend it, or delete it to get a new one"
            f" ({' '.join(str(error).split())[:300]})."
        ) from error
    except Exception as error:
        if settings.dagster_postgres_url:
            raise InstanceError(
                f"The PostgreSQL that {POSTGRES_VARIABLE} names cannot be used: look whether it"
                f" runs and lets this user in ({' '.join(str(error).split())[:300]})."
            ) from error
        if not isinstance(error, DatabaseError):
            raise
        raise InstanceError(
            f"The record of runs under {folder} cannot be used ({error.orig}): if it is damaged,"
            " move that folder away, and the next run begins a new record."
        ) from error
    return instance


def declare_dead(
    instance: dg.DagsterInstance, besides: str = "", quiet: timedelta = timedelta()
) -> list[dg.DagsterRun]:
    """Mark as failed the daily runs that say they are under way while nobody holds their home.

    Only for one who has seen that the home is free, or holds it. Dagster itself never notices that
    the process of a run is gone if the one that watched over it is gone too, such as after a power
    cut, and its queue would wait for that run for ever.

    Args:
        instance: the home's.
        besides: a run that is known to live.
        quiet: how long a run must have been under way; one that has just begun holds nothing yet.

    Returns:
        The runs that were declared dead.
    """
    under_way = (
        dg.DagsterRunStatus.NOT_STARTED,  # on record, but the command line was killed before it ran
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.CANCELING,
    )
    filters = dg.RunsFilter(job_name=DAILY_JOB, statuses=list(under_way))
    before = datetime.now(UTC) - quiet
    dead = [
        record.dagster_run
        for record in instance.get_run_records(filters)
        if record.dagster_run.run_id != besides and record.update_timestamp <= before
    ]
    for run in dead:
        instance.report_run_failed(
            run, "Its process died before the run ended; nothing of it was published."
        )
    return dead


def close_journals(folder: Path, besides: str = "") -> None:
    """Fold the journals that killed runs left beside Dagster's SQLite files into those files.

    SQLite does it when the last one to use a file closes it, which a killed run never does, and
    nobody opens the file of an old run again. A file that somebody uses keeps its journal, and one
    that is damaged is left to those who read it.

    Args:
        folder: Dagster's, in the home.
        besides: a run whose file is in use here.
    """
    journals = [*folder.rglob("*.db-wal"), *folder.rglob("*.db-shm")]
    for file in sorted({path.with_name(path.name[: -len("-wal")]) for path in journals}):
        if file.stem == besides:
            continue
        address = f"{file.as_uri()}?mode=rw"
        with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("pragma schema_version").fetchone()
