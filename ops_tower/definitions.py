"""The one load call: everything that Dagster knows of stands in `defs/`."""

import dagster as dg

from ops_tower.settings import PROJECT_ROOT


@dg.definitions
def defs() -> dg.Definitions:
    """All assets, checks, jobs, schedules and resources of the `ops_tower` code location."""
    return dg.load_from_defs_folder(path_within_project=PROJECT_ROOT)
