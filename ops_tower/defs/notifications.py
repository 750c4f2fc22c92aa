"""Sensors that tell people of failed checks and failed runs.

A failed check does not fail its run, so both outcomes are watched. Sensors need Dagster's daemon;
they see every run of this home, whoever started it.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from ops_tower import notices
from ops_tower.failures import root_cause
from ops_tower.settings import DAILY_JOB, Settings

LEDGER = dg.AssetKey("notices")


def problems_of(
    instance: dg.DagsterInstance, run: dg.DagsterRun
) -> tuple[list[notices.Problem], list[str]]:
    """What failed in `run`, and the names of what was looked at and is well.

    The run itself is one of the things looked at.
    """
    problems: dict[str, str] = {}
    passed = []
    for record in instance.get_records_for_run(
        run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ).records:
        event = record.event_log_entry.dagster_event
        if event is None:
            continue
        check = event.asset_check_evaluation_data
        key = f"{check.asset_key.to_user_string()}: {check.check_name}"
        if check.passed:
            passed.append(key)
        else:
            problems[key] = _figures(check)
    failures = instance.get_records_for_run(
        run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE
    ).records
    if run.status is dg.DagsterRunStatus.FAILURE:
        steps = [record.event_log_entry for record in failures]
        detail = "; ".join(_first_line(step) for step in steps) or "it ended without a failed step"
        problems["the run"] = f"failed, nothing was published: {detail}"
    else:
        passed.append("the run")
    return [notices.Problem(*item) for item in problems.items()], passed


def tell(instance: dg.DagsterInstance, run: dg.DagsterRun, settings: Settings) -> str:
    """Send what is worth a word about `run`, and keep it in the ledger; the outcome in a line."""
    now = datetime.now(UTC).replace(tzinfo=None)
    ledger = settings.places.notices
    problems, passed = problems_of(instance, run)
    due = notices.decide(
        problems, passed, notices.read(ledger), now, timedelta(hours=settings.remind_after_hours)
    )
    if not due:
        return "nothing to tell"
    urls = [url.get_secret_value() for url in settings.notify]
    title, body = notices.compose(due, f"{settings.dagster_url}/runs/{run.run_id}")
    failed = notices.send(title, body, urls)
    entries = notices.enter(due, run.run_id, now, failed=failed, channels=len(urls))
    notices.append(entries, ledger)
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            LEDGER,
            metadata={
                "title": title,
                "channels": len(urls),
                "failed_channels": ", ".join(failed) or "none",
                "run_id": run.run_id,
            },
        )
    )
    if not urls:
        return f"{title}: no channel is set (OPS_TOWER_NOTIFY)"
    return f"{title}: {len(urls) - len(failed)} of {len(urls)} channels took it"


def _figures(check: dg.AssetCheckEvaluation) -> str:
    """The figures that the check gave, as far as they are short."""
    shown = {
        name: value.value
        for name, value in check.metadata.items()
        if isinstance(value.value, int | float | str) and len(str(value.value)) < 80  # noqa: PLR2004
    }
    text = ", ".join(f"{name} {value}" for name, value in shown.items())
    return f"{check.severity.value.lower()}: {text or 'failed'}"


def _first_line(entry: dg.EventLogEntry) -> str:
    event = entry.dagster_event
    if event is None or event.step_failure_data.error is None:
        return entry.step_key or ""
    return f"{entry.step_key}: {root_cause(event.step_failure_data.error).splitlines()[0]}"


def _sensor(name: str, status: dg.DagsterRunStatus) -> dg.SensorDefinition:
    @dg.run_status_sensor(
        name=name,
        run_status=status,
        monitor_all_code_locations=True,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=tell.__doc__,
    )
    def sensor(context: dg.RunStatusSensorContext) -> dg.SkipReason:
        if context.dagster_run.job_name != DAILY_JOB:
            return dg.SkipReason("not the daily job")
        return dg.SkipReason(tell(context.instance, context.dagster_run, Settings()))

    return sensor


@dg.definitions
def defs() -> dg.Definitions:
    """A sensor for runs that succeeded and one for runs that failed; the ledger is an asset."""
    ledger = dg.AssetSpec(
        LEDGER,
        group_name="published",
        description="One line per notice: what was said, of which run, and which channels failed.",
    )
    return dg.Definitions(
        assets=[ledger],
        sensors=[
            _sensor("tell_of_failed_checks", dg.DagsterRunStatus.SUCCESS),
            _sensor("tell_of_failed_runs", dg.DagsterRunStatus.FAILURE),
        ],
    )
