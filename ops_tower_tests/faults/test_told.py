"""Runs beside each other and checks that fail, to the end: what people see, and whom it reaches."""

import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ops_tower import last_run, notices
from ops_tower.defs.notifications import tell
from ops_tower.instance import open_instance
from ops_tower.settings import Settings
from ops_tower_tests.dashboard.conftest import DASHBOARD
from ops_tower_tests.faults.homes import (
    lives_on_record,
    publish_a_version,
    published_whole,
    strangers,
)
from ops_tower_tests.faults.runner import SMALL_DESK, Runs
from ops_tower_tests.faults.scale import takes_whole_runs
from ops_tower_tests.test_pipeline import write_log
from ops_tower_tests.webhook import dripping, refused_address, webhook


@takes_whole_runs
@pytest.mark.parametrize(("is_new", "pause"), [(True, 0.0), (False, 0.0), (False, 2.0)])
def test_of_two_runs_started_at_once_one_publishes_and_the_other_is_refused_in_one_line(
    runs: Runs, tmp_path: Path, pause: float, *, is_new: bool
) -> None:
    home = tmp_path / "home"
    if not is_new:
        publish_a_version(home)
    both = []
    for _ in range(2):
        both.append(runs.start("run", "--home", home, *SMALL_DESK, as_command=True))
        time.sleep(pause)
    codes = {run.wait(): run for run in both}
    assert set(codes) == {0, 1}, [run.said() for run in both]
    holder = f"(process {codes[0].pid}): wait for it to end."
    assert codes[1].said().splitlines() == [
        f"Another run is under way in {home} {holder}",
        "Nothing was published; what was published before is still there.",
    ]
    last = last_run.read(home)
    assert last is not None
    assert last.is_published
    assert published_whole(home) == f"ops-{last.run_id}.duckdb"
    assert not list(strangers(home))
    assert not list(lives_on_record(home))


def judged(settings: Settings) -> str:
    """Let the sensors' rule speak of the home's last run; its outcome in a line."""
    with open_instance(settings) as instance:
        (run,) = instance.get_runs(limit=1)
        return tell(instance, run, settings)


def badges(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the dashboard's red badge says of a run that published nothing."""
    monkeypatch.setenv("OPS_TOWER_HOME", str(home))
    st.cache_resource.clear()
    app = AppTest.from_file(DASHBOARD / "streamlit_app.py", default_timeout=60).run()
    assert not app.exception
    return [text.proto.help for text in app.markdown if "published nothing" in text.value]


@takes_whole_runs
def test_a_check_that_fails_is_told_to_the_screen_the_badge_and_the_channel_until_it_is_over(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, log = tmp_path / "home", write_log(tmp_path / "log.csv")
    with log.open("a") as file:
        file.write("vetus-f,vetus Created,not a time,vetus desk\n")
    arguments = ["run", "--home", home, "--event-log", log]
    limit = {"environment": {"OPS_TOWER_CHECKS__REJECTED_SHARE": "0.01 warn"}}
    with webhook() as (url, hook):
        settings = Settings.model_validate({"home": home, "notify": url})

        # A warning publishes, and is told with its figures.
        code, said = runs.run(*arguments, **limit)
        assert code == 0, said
        warned = published_whole(home)
        assert badges(home, monkeypatch) == []
        assert judged(settings) == "Ops Tower: 1 new: 1 of 1 channels took it"
        assert "[new] raw/rejected_rows: " in hook.received[-1]["message"]
        assert "warn: 1 of 17 rows" in hook.received[-1]["message"]

        # A blocking check does not publish; the warning still fails and is not told anew.
        code, said = runs.run(*arguments, "--as-of", "2026-06-01", **limit)
        assert (code, published_whole(home)) == (1, warned), said
        assert "raw/ticket_events: The newest event is" in said
        (badge,) = badges(home, monkeypatch)
        assert "The newest event is" in badge
        judged(settings)
        message = hook.received[-1]["message"]
        assert "[new] raw/ticket_events: events_are_fresh: error: The newest event is" in message
        assert "[new] the run: failed, nothing was published: raw/ticket_events" in message

        # What is over is told once.
        code, said = runs.run(*arguments)
        assert (code, published_whole(home) != warned) == (0, True), said
        assert badges(home, monkeypatch) == []
        judged(settings)
        message = hook.received[-1]["message"]
        assert "[recovered] raw/ticket_events: events_are_fresh: passes again" in message
        assert "[recovered] the run: passes again" in message
        told = len(hook.received)
        assert judged(settings) == "nothing to tell"
        assert len(hook.received) == told == 3


@takes_whole_runs
def test_a_channel_that_refuses_and_one_that_hangs_harm_neither_the_run_nor_its_duration(
    runs: Runs, tmp_path: Path
) -> None:
    home, log = tmp_path / "home", write_log(tmp_path / "log.csv")
    arguments = ["run", "--home", home, "--event-log", log, "--as-of"]
    code, said = runs.run(*arguments, "2026-03-07")
    assert code == 0, said
    with dripping() as (slow, called):
        channels = {"OPS_TOWER_NOTIFY": f"{slow},{refused_address()}"}
        # Stale events: there is something to tell.
        code, said = runs.run(*arguments, "2026-06-01", environment=channels)
        assert code == 1, said
        assert called == [], "a run waits for no channel: only the daemon's sensors send"
        settings = Settings.model_validate({"home": home, "notify": channels["OPS_TOWER_NOTIFY"]})
        began = time.monotonic()
        assert judged(settings).endswith("0 of 2 channels took it")
        assert time.monotonic() - began < 2 * notices.PATIENCE_SECONDS
        assert called
    ledger = notices.read(settings.places.notices)
    assert {entry.failed_channels for entry in ledger} == {"json #1, json #2"}
    code, said = runs.run("status", "--home", home)
    assert "The last notice did not reach json #1, json #2: see OPS_TOWER_NOTIFY" in said
    code, said = runs.run(*arguments, "2026-03-07", environment=channels)
    assert code == 0, said
    code, said = runs.run("status", "--home", home)
    assert "notices: every_notice_reaches_someone" in said, "the next run's failed check"
