"""From a run's events to what is told: checks that fail, runs that fail, and their end."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from ops_tower import notices
from ops_tower.defs.notifications import LEDGER, problems_of, tell
from ops_tower.settings import Settings


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


def test_problem_silence_and_recovery_over_three_runs_with_the_ledger_as_an_asset(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def send(title: str, _body: str, _urls: list[str]) -> list[str]:
        sent.append(title)
        return []

    monkeypatch.setattr(notices, "send", send)
    settings = Settings(home=tmp_path, notify=(SecretStr("json://somewhere"),))
    for passes in (False, False, True):
        tell(instance, run_with(instance, passes=passes), settings)
    assert sent == ["Ops Tower: 1 new", "Ops Tower: 1 recovered"]
    event = instance.get_latest_materialization_event(LEDGER)
    assert event is not None
    assert "somewhere" not in str(event)
    assert "somewhere" not in settings.places.notices.read_text()


def test_without_a_channel_the_ledger_says_that_nobody_was_told(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, notify=())
    outcome = tell(instance, run_with(instance, passes=False), settings)
    assert "OPS_TOWER_NOTIFY" in outcome
    assert [entry.is_sent for entry in notices.read(settings.places.notices)] == [False]
