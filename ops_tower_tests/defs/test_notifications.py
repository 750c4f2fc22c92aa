"""From a run's events to what is told: checks that fail, runs that fail, and their end."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from pydantic import SecretStr

from ops_tower import last_run, notices
from ops_tower.defs import notifications
from ops_tower.defs.notifications import LEDGER, REACHED, problems_of, tell, watch
from ops_tower.home_lock import exclusive
from ops_tower.instance import open_instance
from ops_tower.published import publish
from ops_tower.settings import DAILY_JOB, Settings
from ops_tower_tests.webhook import Hook, webhook


@dg.asset
def tickets() -> None:
    """An asset to check."""


def run_with(instance: dg.DagsterInstance, *, passes: bool, breaks: bool = False) -> dg.DagsterRun:
    @dg.asset_check(asset=tickets)
    def few_are_late() -> dg.AssetCheckResult:
        if breaks:
            raise ValueError("no such column: due_at")
        return dg.AssetCheckResult(
            passed=passes, severity=dg.AssetCheckSeverity.WARN, metadata={"late": 12}
        )

    job = dg.Definitions(
        assets=[tickets],
        asset_checks=[few_are_late],
        jobs=[dg.define_asset_job("daily", selection=dg.AssetSelection.all())],
    ).resolve_job_def("daily")
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    return result.dagster_run


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def test_a_failed_check_of_a_run_that_succeeded_is_a_problem_with_its_figures(
    instance: dg.DagsterInstance,
) -> None:
    run = run_with(instance, passes=False)
    assert run.is_success
    problems, passed = problems_of(instance, run)
    assert problems == [notices.Problem("tickets: few_are_late", "warn: late 12")]
    assert passed == ["the run"]


def test_a_check_that_passes_is_well(instance: dg.DagsterInstance) -> None:
    problems, passed = problems_of(instance, run_with(instance, passes=True))
    assert problems == []
    assert passed == ["tickets: few_are_late", "the run"]


def test_a_run_that_failed_is_a_problem_with_its_step_and_reason(
    instance: dg.DagsterInstance,
) -> None:
    problems, passed = problems_of(instance, run_with(instance, passes=True, breaks=True))
    assert [problem.key for problem in problems] == ["the run"]
    assert "tickets_few_are_late: ValueError: no such column: due_at" in problems[0].detail
    assert passed == []


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, type[Hook]]]:
    monkeypatch.setattr(notices, "RETRY_SECONDS", 0.01)
    with webhook() as served:
        yield served


@pytest.fixture
def settings(tmp_path: Path, hook: tuple[str, type[Hook]]) -> Settings:
    return Settings(home=tmp_path, notify=(SecretStr(hook[0]),))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the notices' clock so many hours after a Monday morning."""
    monday = datetime(2026, 3, 2, 6)  # noqa: DTZ001, UTC without a marker

    def turn(hours: float) -> None:
        monkeypatch.setattr(notifications, "_now", lambda: monday + timedelta(hours=hours))

    return turn


def test_new_silence_reminder_and_recovery_reach_a_webhook_once_each(
    instance: dg.DagsterInstance,
    settings: Settings,
    hook: tuple[str, type[Hook]],
    clock: Callable[[float], None],
) -> None:
    for hours, passes in ((0, False), (1, False), (24, False), (48, True), (72, True)):
        clock(hours)
        tell(instance, run_with(instance, passes=passes), settings)
    assert [message["title"] for message in hook[1].received] == [
        "Ops Tower: 1 new",
        "Ops Tower: 1 still failing",
        "Ops Tower: 1 recovered",
    ]
    assert "late 12" in hook[1].received[0]["message"]
    assert "http://127.0.0.1:3000/runs/" in hook[1].received[0]["message"]


def test_a_channel_that_fails_is_a_failed_check_until_a_retry_reaches_it(
    instance: dg.DagsterInstance,
    settings: Settings,
    hook: tuple[str, type[Hook]],
    clock: Callable[[float], None],
) -> None:
    hook[1].refusals = notices.ATTEMPTS
    clock(0)
    tell(instance, run_with(instance, passes=False), settings)
    assert hook[1].received == []
    assert reached(instance) == (False, "json #1 did not take the last message")
    clock(0.01)
    assert watch(instance, settings) == []
    clock(0.1)
    assert watch(instance, settings) == ["Ops Tower: 1 new: attempt 2, 0 channels left"]
    assert [message["title"] for message in hook[1].received] == ["Ops Tower: 1 new"]
    assert reached(instance)[0]
    assert [(entry.attempt, entry.is_sent) for entry in notices.read(settings.places.notices)] == [
        (1, False),
        (2, True),
    ]
    event = instance.get_latest_materialization_event(LEDGER)
    assert event is not None
    assert event.asset_materialization is not None
    assert event.asset_materialization.metadata["attempt"].value == 2


def reached(instance: dg.DagsterInstance) -> tuple[bool, str]:
    """What the check of the ledger says in Dagster."""
    key = dg.AssetCheckKey(LEDGER, REACHED)
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    assert record.event is not None
    assert record.event.dagster_event is not None
    check = record.event.dagster_event.asset_check_evaluation_data
    return check.passed, (check.description or "").partition(":")[0]


def test_an_answer_that_grew_old_is_told_though_no_run_says_so(
    instance: dg.DagsterInstance,
    settings: Settings,
    hook: tuple[str, type[Hook]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = "select 'a' as run_id, timestamp '2026-03-01 06:00' as published_at"
    with duckdb.connect(str(settings.places.warehouse)) as connection:
        connection.execute("create schema marts; create schema analysis")
        connection.execute(f"create table analysis.run_info as {info}")
    publish(settings.places.warehouse, settings.places.published, "a")
    for day, hour in ((3, 5), (3, 7), (3, 8)):
        monkeypatch.setattr(notifications, "_now", lambda: datetime(2026, 3, day, hour))  # noqa: B023, DTZ001
        watch(instance, settings)
    assert len(hook[1].received) == 1
    assert "the age of what is published: 49 hours" in hook[1].received[0]["message"]


def test_a_run_whose_process_died_is_declared_failed_and_told_to_the_home(
    instance: dg.DagsterInstance, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = instance.create_run_for_job(
        dg.GraphDefinition("empty").to_job(DAILY_JOB), status=dg.DagsterRunStatus.STARTED
    )
    assert watch(instance, settings) == [], "a run that has just begun holds nothing yet"
    monkeypatch.setattr(notifications, "BEGINNING", timedelta())
    with exclusive(settings.home):
        assert watch(instance, settings) == [], "a home that is held has a living run"
    assert watch(instance, settings) == [f"run {run.run_id} had died"]
    dead = instance.get_run_by_id(run.run_id)
    assert dead is not None
    assert dead.is_failure
    last = last_run.read(settings.home)
    assert last is not None
    assert "process died" in last.reason
    assert "process died" in problems_of(instance, dead)[0][0].detail


def test_a_planted_secret_is_nowhere_but_in_the_settings(
    tmp_path: Path,
    hook: tuple[str, type[Hook]],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    url = hook[0].replace("secret", "hunter2")
    hook[1].refusals = 99
    settings = Settings.model_validate({"home": tmp_path, "notify": f"{url},mailto://u:hunter2@x"})
    with open_instance(settings) as instance, caplog.at_level(logging.DEBUG, "ops_tower"):
        run = run_with(instance, passes=False)
        outcome = tell(instance, run, settings)
        watch(instance, settings)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert settings.places.notices in files
    assert [path for path in files if b"hunter2" in path.read_bytes()] == []
    captured = capfd.readouterr()
    for text in (outcome, caplog.text, captured.out, captured.err, str(settings), repr(settings)):
        assert "hunter2" not in text


def test_without_a_channel_the_ledger_says_that_nobody_was_told(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, notify=())
    outcome = tell(instance, run_with(instance, passes=False), settings)
    assert "OPS_TOWER_NOTIFY" in outcome
    assert [entry.is_sent for entry in notices.read(settings.places.notices)] == [False]
    assert reached(instance)[0]
