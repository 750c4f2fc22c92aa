"""Sensors that tell people of failed checks and failed runs, and watch over runs and word of them.

A failed check does not fail its run, so both outcomes are watched. Sensors need Dagster's daemon;
they see every run of this home, whoever started it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from ops_tower import notices
from ops_tower.analysis.thresholds import STALE_AFTER
from ops_tower.defs.jobs import note_failure
from ops_tower.home_lock import is_free
from ops_tower.instance import declare_dead
from ops_tower.outcome import reasons, telling_events
from ops_tower.published import current, read
from ops_tower.settings import DAILY_JOB, Settings

LEDGER = dg.AssetKey("notices")
REACHED = "every_notice_reaches_someone"
THE_RUN = "the run"
THE_AGE = "the age of what is published"
# A run that has begun takes its home some seconds later.
BEGINNING = timedelta(minutes=1)


def problems_of(
    instance: dg.DagsterInstance, run: dg.DagsterRun
) -> tuple[list[notices.Problem], list[str]]:
    """What failed in `run`, and the names of what was looked at and is well.

    The run itself is one of the things looked at.
    """
    events = telling_events(instance, run.run_id)
    problems: dict[str, str] = {}
    passed = []
    for event in events:
        if event.event_type is not dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            continue
        check = event.asset_check_evaluation_data
        key = f"{check.asset_key.to_user_string()}: {check.check_name}"
        if check.passed:
            passed.append(key)
        else:
            problems[key] = _figures(check)
    if run.status is dg.DagsterRunStatus.FAILURE:
        lines = [reason.splitlines()[0] for reason in reasons(events)]
        detail = "; ".join(lines) or "it ended without a word"
        problems[THE_RUN] = f"failed, nothing was published: {detail}"
    else:
        passed.append(THE_RUN)
    return [notices.Problem(*item) for item in problems.items()], passed


def tell(instance: dg.DagsterInstance, run: dg.DagsterRun, settings: Settings) -> str:
    """Send what is worth a word about `run`, and keep it in the ledger; the outcome in a line."""
    return tell_of(instance, *problems_of(instance, run), run.run_id, settings)


def tell_of(
    instance: dg.DagsterInstance,
    problems: Sequence[notices.Problem],
    passed: Sequence[str],
    run_id: str,
    settings: Settings,
) -> str:
    """As `tell`, of problems and recoveries that are known already."""
    now = _now()
    ledger = settings.places.notices
    remind_after = timedelta(hours=settings.remind_after_hours)
    due = notices.decide(problems, passed, notices.read(ledger), now, remind_after)
    if not due:
        return "nothing to tell"
    to = _channels(settings)
    title, body = notices.compose(due, f"{settings.dagster_url}/runs/{run_id}")
    failed = notices.send(title, body, to)
    entries = notices.enter(due, run_id, now, failed=failed, told=len(to))
    _keep(instance, settings, title, entries)
    if not to:
        return f"{title}: no channel is set (OPS_TOWER_NOTIFY)"
    return f"{title}: {len(to) - len(failed)} of {len(to)} channels took it"


def tell_again(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Try the channels that have not taken a notice once more, when it is time; a line each."""
    now, to = _now(), _channels(settings)
    said = []
    for entries in notices.owed(notices.read(settings.places.notices), now):
        names = entries[0].failed_channels.split(", ")
        due = [notices.Notice(notices.Kind(each.kind), each.key, each.detail) for each in entries]
        title, body = notices.compose(due, f"{settings.dagster_url}/runs/{entries[0].run_id}")
        left = {name: to[name] for name in names if name in to}
        failed = notices.send(title, body, left)
        _keep(instance, settings, title, notices.retried(entries, now, failed))
        said.append(f"{title}: attempt {entries[0].attempt + 1}, {len(failed)} channels left")
    return said


def watch(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """What no run can say of itself: that it died, and that none has published for too long."""
    said = []
    if is_free(settings.home):
        for run in declare_dead(instance, quiet=BEGINNING):
            note_failure(instance, run.run_id, settings)
            said.append(f"run {run.run_id} had died")
    version = current(settings.home)
    if version is not None and settings.notify:
        run_id, published_at = read(
            version, "select run_id, published_at from analysis.run_info"
        ).iloc[0]
        age = _now() - published_at
        hours = age.total_seconds() / 3600
        stale = notices.Problem(THE_AGE, f"{hours:.0f} hours; look whether the daily run starts")
        problems, passed = ([stale], []) if age > STALE_AFTER else ([], [THE_AGE])
        told = tell_of(instance, problems, passed, str(run_id), settings)
        said += [told] if told != "nothing to tell" else []
    return said + tell_again(instance, settings)


def judge_ledger(settings: Settings) -> dg.AssetCheckResult:
    """Whether the last message reached every channel; a channel that fails is itself a problem."""
    ledger = notices.read(settings.places.notices)
    failed = notices.unreached(ledger)
    sentence = (
        f"{', '.join(failed)} did not take the last message: look at OPS_TOWER_NOTIFY."
        if failed
        else f"{len(settings.notify)} channels are set, and the last message reached them."
    )
    return dg.AssetCheckResult(
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        description=sentence,
        metadata={"channels": len(settings.notify), "failed_channels": ", ".join(failed) or "none"},
        asset_key=LEDGER,
        check_name=REACHED,
    )


@dg.asset_check(asset=LEDGER, name=REACHED)
def every_notice_reaches_someone(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """Every channel took the last message; looked at by each run, and after each message."""
    return judge_ledger(settings)


def _keep(
    instance: dg.DagsterInstance, settings: Settings, title: str, entries: list[notices.Entry]
) -> None:
    """Append to the ledger, and let Dagster show what was said and whom it did not reach."""
    notices.append(entries, settings.places.notices)
    figures: dict[str, str | int] = {
        "title": title,
        "channels": len(settings.notify),
        "failed_channels": entries[0].failed_channels or "none",
        "attempt": entries[0].attempt,
        "run_id": entries[0].run_id,
    }
    instance.report_runless_asset_event(dg.AssetMaterialization(LEDGER, metadata=figures))
    judged = judge_ledger(settings)
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=LEDGER,
            check_name=REACHED,
            passed=judged.passed,
            severity=judged.severity,
            description=judged.description,
            metadata=judged.metadata,
        )
    )


def _channels(settings: Settings) -> dict[str, str]:
    return notices.channels([url.get_secret_value() for url in settings.notify])


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _figures(check: dg.AssetCheckEvaluation) -> str:
    """The check's sentence, else the figures that it gave, as far as they are short."""
    shown = {
        name: value.value
        for name, value in check.metadata.items()
        if isinstance(value.value, int | float | str) and len(str(value.value)) < 80  # noqa: PLR2004
    }
    text = check.description or ", ".join(f"{name} {value}" for name, value in shown.items())
    return f"{check.severity.value.lower()}: {text or 'failed'}"


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


@dg.sensor(
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=watch.__doc__,
)
def watch_over_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Every minute: runs that died, an answer that grew old, notices that reached nobody."""
    return dg.SkipReason("; ".join(watch(context.instance, Settings())) or "all is well")


@dg.definitions
def defs() -> dg.Definitions:
    """A sensor for runs that succeeded, one for runs that failed, one for the rest; the ledger."""
    ledger = dg.AssetSpec(
        LEDGER,
        group_name="published",
        description="One line per notice: what was said, of which run, and which channels failed.",
    )
    return dg.Definitions(
        assets=[ledger],
        asset_checks=[every_notice_reaches_someone],
        sensors=[
            _sensor("tell_of_failed_checks", dg.DagsterRunStatus.SUCCESS),
            _sensor("tell_of_failed_runs", dg.DagsterRunStatus.FAILURE),
            watch_over_runs,
        ],
    )
