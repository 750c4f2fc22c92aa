"""Dagster's own record of runs: one instance per home, telemetry off.

Belongs here: where Dagster keeps its state. `dagster dev` reads the same folder through
`DAGSTER_HOME`, so runs of the command line are seen in its user interface.
"""

import os
from pathlib import Path
from typing import Final

import dagster as dg

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
        config.write_text(CONFIG)


def open_instance(folder: Path) -> dg.DagsterInstance:
    """The instance that lives in `folder`."""
    prepare(folder)
    os.environ["DAGSTER_HOME"] = str(folder)
    return dg.DagsterInstance.from_config(str(folder))
