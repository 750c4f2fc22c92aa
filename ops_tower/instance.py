"""Dagster's own record of runs: one instance per home, telemetry off.

Belongs here: where Dagster keeps its state. `dagster dev` reads the same folder through
`DAGSTER_HOME`, so runs of the command line are seen in its user interface.
"""

import os
from pathlib import Path
from typing import Final

import dagster as dg
from sqlalchemy.exc import DatabaseError
from yaml import YAMLError  # type: ignore[import-untyped]


class InstanceError(RuntimeError):
    """Dagster's own state cannot be used; the message says what to do."""


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
  runs:
    max_concurrent_runs: 1
"""


def prepare(folder: Path) -> None:
    """Make `folder` a `DAGSTER_HOME`; a `dagster.yaml` that is there stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "dagster.yaml"
    if not config.exists():
        unfinished = folder / ".dagster.yaml.unfinished"
        unfinished.write_text(CONFIG)
        unfinished.replace(config)


def open_instance(folder: Path) -> dg.DagsterInstance:
    """The instance that lives in `folder`.

    Raises:
        InstanceError: its configuration or its record of runs cannot be used.
    """
    prepare(folder)
    os.environ["DAGSTER_HOME"] = str(folder)
    try:
        instance = dg.DagsterInstance.from_config(str(folder))
        instance.get_run_records(limit=1)  # a damaged record shows itself only when it is read
    except (dg.DagsterError, YAMLError) as error:
        raise InstanceError(
            f"{folder / 'dagster.yaml'} cannot be used: mend it, or delete it to get a new one"
            f" ({' '.join(str(error).split())[:300]})."
        ) from error
    except DatabaseError as error:
        raise InstanceError(
            f"The record of runs under {folder} cannot be used ({error.orig}): if it is damaged,"
            " move that folder away, and the next run begins a new record."
        ) from error
    return instance
