"""The job that runs the whole graph; `ops-tower run` and the daily schedule share it."""

from datetime import UTC, datetime

import dagster as dg

from ops_tower import last_run
from ops_tower.outcome import reasons, telling_events
from ops_tower.settings import DAILY_JOB, Settings


@dg.failure_hook(name="remember_the_failure")
def remember_the_failure(context: dg.HookContext) -> None:
    """Leave in the home why this run publishes nothing, for readers who never see Dagster."""
    note_failure(context.instance, context.run_id, Settings())


def note_failure(instance: dg.DagsterInstance, run_id: str, settings: Settings) -> None:
    """Make `run_id` the home's last run, with its reasons."""
    reason = "; ".join(reasons(telling_events(instance, run_id))) or "it ended without a word"
    now = datetime.now(UTC).replace(tzinfo=None)
    last_run.write(settings.home, last_run.LastRun(run_id, now, reason))


daily = dg.define_asset_job(
    DAILY_JOB,
    selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
    description="Every asset and every check, from the source to the published file.",
    hooks={remember_the_failure},
    # A person who starts it elsewhere may choose other loggers; these two are ours.
    config={"loggers": {"progress": {}}},
)
