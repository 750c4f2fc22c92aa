"""Status and doctor: what is seen, and what to do about what is not well."""

import logging
from datetime import datetime
from pathlib import Path

import pytest

from ops_tower import last_run, notices
from ops_tower.health import Finding, examine, summarise
from ops_tower.instance import prepare
from ops_tower.last_run import LastRun
from ops_tower.notices import Entry
from ops_tower.settings import Settings


def findings(home: Path, **settings: object) -> dict[str, Finding]:
    return {
        finding.name: finding
        for finding in examine(Settings.model_validate({"home": home, **settings}))
    }


def test_a_new_home_is_well_and_says_what_is_not_there_yet(tmp_path: Path) -> None:
    seen = findings(tmp_path / "new")
    assert all(finding.is_well for finding in seen.values())
    assert "will be made" in seen["home"].seen
    assert "ops-tower run" in seen["published"].seen


def test_a_corrupt_warehouse_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "ops.duckdb").write_bytes(b"not a database" * 1000)
    warehouse = findings(tmp_path)["warehouse"]
    assert not warehouse.is_well
    assert "set aside and built anew" in warehouse.advice


def test_a_corrupt_published_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "ops-a.duckdb").write_bytes(b"not a database" * 1000)
    (folder / "current").symlink_to("ops-a.duckdb")
    published = findings(tmp_path)["published"]
    assert not published.is_well
    assert "ops-a.duckdb" in published.advice


def test_an_event_log_that_is_not_there_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone.csv"
    source = findings(tmp_path, source="event-log", event_log=(gone,))["source"]
    assert not source.is_well
    assert str(gone) in source.advice


def test_status_of_an_empty_home_says_what_to_run(tmp_path: Path) -> None:
    assert summarise(Settings(home=tmp_path)) == [
        f"Nothing is published in {tmp_path}: run `ops-tower run`."
    ]


def test_a_run_that_published_nothing_is_a_finding_and_stands_in_the_status(tmp_path: Path) -> None:
    at = datetime(2026, 3, 2, 6)  # noqa: DTZ001, UTC without a marker
    last_run.write(tmp_path, LastRun("a", at, "events_are_fresh: too old"))
    finding = findings(tmp_path)["last run"]
    assert not finding.is_well
    assert "events_are_fresh: too old" in finding.seen
    assert "The last run published nothing: events_are_fresh: too old" in summarise(
        Settings(home=tmp_path)
    )
    last_run.write(tmp_path, LastRun("b", at))
    assert findings(tmp_path)["last run"].is_well


def test_a_channel_that_nobody_knows_or_that_failed_is_named_without_its_address(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("apprise").setLevel(logging.NOTSET)
    seen = findings(tmp_path, notify="json://u:hunter2@127.0.0.1,carrier-pigeon://hunter2")
    assert not seen["notices"].is_well
    assert "apprise does not know carrier-pigeon #2" in seen["notices"].seen
    entry = Entry(
        "2026-03-02T06:00:00",
        "run",
        "new",
        "sla",
        "12 rows",
        is_sent=False,
        failed_channels="json #1",
    )
    notices.append([entry], tmp_path / "notices.jsonl")
    failed = findings(tmp_path, notify="json://u:hunter2@127.0.0.1")["notices"]
    assert not failed.is_well
    assert "json #1 did not take the last message" in failed.seen
    told = summarise(Settings.model_validate({"home": tmp_path}))
    assert "The last notice did not reach json #1: see OPS_TOWER_NOTIFY" in told
    assert "hunter2" not in str(seen)
    assert "hunter2" not in str(failed)
    assert "hunter2" not in caplog.text + "".join(capfd.readouterr())


def test_dagsters_record_is_opened_and_a_missing_daemon_is_said(tmp_path: Path) -> None:
    assert findings(tmp_path)["Dagster"].seen == "no record yet"
    folder = prepare(Settings(home=tmp_path))
    assert "no daemon runs, so nothing starts at 05:00 UTC" in findings(tmp_path)["Dagster"].seen
    (folder / "dagster.yaml").write_text("storage: [")
    broken = findings(tmp_path)["Dagster"]
    assert not broken.is_well
    assert "dagster.yaml" in broken.advice


def test_a_variable_that_nothing_reads_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "variables" not in findings(tmp_path)
    monkeypatch.setenv("OPS_TOWER_TICKET", "300")
    finding = findings(tmp_path)["variables"]
    assert not finding.is_well
    assert "did you mean OPS_TOWER_TICKETS?" in finding.seen


def test_what_is_set_is_listed_with_its_secrets_masked(tmp_path: Path) -> None:
    text = findings(tmp_path, seed=9, notify="json://u:hunter2@127.0.0.1")["settings"].seen
    assert "seed=9" in text
    assert "tickets" not in text
    assert "hunter2" not in text
