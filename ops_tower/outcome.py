"""Why a run published nothing: its reasons, out of Dagster's record of it.

Command line, notices and the badge all speak through this. Does not belong here: how one error is
put into words (`failures`), and who is told.
"""

from collections.abc import Iterable
from typing import Final

import dagster as dg

from ops_tower.failures import line, root_cause

_BLOCKED: Final = "DagsterAssetCheckFailedError"


def telling_events(instance: dg.DagsterInstance, run_id: str) -> list[dg.DagsterEvent]:
    """What `reasons` reads: checks that were judged, and failures of steps and of the run."""
    kinds = (
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
        dg.DagsterEventType.STEP_FAILURE,
        dg.DagsterEventType.RUN_FAILURE,
    )
    return [
        event
        for kind in kinds
        for record in instance.get_records_for_run(run_id, of_type=kind).records
        if (event := record.event_log_entry.dagster_event) is not None
    ]


def reasons(events: Iterable[dg.DagsterEvent]) -> list[str]:
    """Why the run of `events` failed, a line each: blocking checks, then steps, else the run.

    A step that failed because of its checks is named by them alone.
    """
    checks, steps, run = [], [], []
    for event in events:
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.blocking and check.severity.value == "ERROR":
                found = line(check.description or "failed", is_spoken=True)
                checks.append(f"{check.asset_key.to_user_string()}: {found}")
        elif event.is_step_failure and (error := event.step_failure_data.error):
            if error.cls_name != _BLOCKED:
                steps.append(f"{event.step_key}: {root_cause(error)}")
        elif event.event_type is dg.DagsterEventType.RUN_FAILURE:
            # A run that was declared dead has no data, only what was said of it.
            cause = event.job_failure_data.error if event.event_specific_data else None
            run.append(root_cause(cause) if cause else line(event.message or "The run failed."))
    return checks + steps or run
