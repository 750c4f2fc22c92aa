"""What a run says: lines for people, JSON lines for machines, and a log in the home."""

import json
from pathlib import Path

import dagster as dg
import pytest

from ops_tower import progress
from ops_tower.settings import Settings


@dg.asset
def tickets(context: dg.AssetExecutionContext) -> None:
    context.log.warning('3 rows were refused:\nsee "raw"')


def run(home: Path, monkeypatch: pytest.MonkeyPatch, log_format: str) -> str:
    monkeypatch.setenv("OPS_TOWER_HOME", str(home))
    monkeypatch.setenv("OPS_TOWER_LOG_FORMAT", log_format)
    job = dg.Definitions(
        assets=[tickets],
        jobs=[dg.define_asset_job("daily", config={"loggers": {"progress": {}}})],
        loggers={"progress": dg.LoggerDefinition(progress.open_logger)},
    ).resolve_job_def("daily")
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(instance=instance).run_id


def test_json_lines_name_run_step_and_event_on_the_terminal_as_in_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = run(tmp_path, monkeypatch, "json")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    kept = [json.loads(line) for line in Settings().places.log.read_text().splitlines()]
    assert lines == kept
    assert {line["run_id"] for line in lines} == {run_id}
    events = [line["event"] for line in lines if line.get("step") == "tickets" and "event" in line]
    assert {"STEP_START", "ASSET_MATERIALIZATION", "STEP_SUCCESS"} <= set(events)
    (warning,) = [line for line in lines if line["level"] == "warning"]
    assert warning["message"] == '3 rows were refused:\nsee "raw"'
    assert warning["step"] == "tickets"
    assert warning["at"].endswith("+00:00")


def test_people_read_text_while_the_home_keeps_json_of_every_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [run(tmp_path, monkeypatch, "text") for _ in range(2)]
    kept = [json.loads(line) for line in Settings().places.log.read_text().splitlines()]
    assert list(dict.fromkeys(line["run_id"] for line in kept)) == runs


def test_the_log_is_of_bounded_size_and_its_loss_fails_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOG_BYTES", 2_000)
    for _ in range(3):
        run(tmp_path, monkeypatch, "text")
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob("ops-tower.log*")}
    assert set(sizes) == {"ops-tower.log", "ops-tower.log.1", "ops-tower.log.2"}
    assert max(sizes.values()) <= 2_000
    blocked = tmp_path / "blocked"
    (blocked / "ops-tower.log").mkdir(parents=True)
    assert run(blocked, monkeypatch, "text")


@pytest.mark.parametrize("fault", ["a folder is in its place", "the disk is full"])
def test_a_log_that_cannot_be_written_neither_ends_a_run_nor_shows_a_traceback(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    fault: str,
) -> None:
    log = tmp_path / "ops-tower.log"
    if fault == "the disk is full":
        log.symlink_to("/dev/full")
    else:
        log.mkdir()
    # The second run closes what the first could not write.
    for _ in range(2):
        assert run(tmp_path, monkeypatch, "text")
    said = "".join(capfd.readouterr())
    assert "tickets" in said
    assert "Logging error" not in said
    assert "Traceback" not in said
