"""Histories with next to nothing in them: the run is green, and what is not known is said to be.

None of these logs has ratings or policies, and all have one group. In full, all of them; in the
short form the barest.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ops_tower.published import ANALYSIS_TABLES, current, read
from ops_tower_tests.faults.runner import Runs
from ops_tower_tests.faults.scale import takes_whole_runs

FIRST = datetime(2026, 3, 2, 9)  # noqa: DTZ001, the log names no zone
# What may be said of nothing; every other figure in these answers counts something in the log.
UNKNOWN = (
    "No targets in this source, so SLA cannot be judged.",
    "Not known: there is no forecast.",
    "Not known: no ticket in this source was rated.",
)


def rows(case: str) -> Iterator[str]:
    """The lines of a log, its header first."""
    yield "case_id,activity,timestamp,group"
    tickets = {"one ticket": 1, "all open": 30, "all solved": 30, "no ticket": 0}[case]
    for number in range(tickets):
        opened = FIRST + timedelta(hours=17 * number)
        yield f"{number},Opened,{opened},Desk"
        if case != "one ticket":
            yield f"{number},Solved,{opened + timedelta(hours=3)},Desk"
        if case == "all open":
            yield f"{number},Looked at again,{opened + timedelta(hours=5)},Desk"


@pytest.mark.parametrize(
    "case",
    [
        "one ticket",
        pytest.param("all open", marks=takes_whole_runs),
        pytest.param("all solved", marks=takes_whole_runs),
    ],
)
def test_a_bare_history_is_published_and_says_what_is_not_known(
    runs: Runs, tmp_path: Path, case: str
) -> None:
    home, log = tmp_path / "home", tmp_path / "log.csv"
    log.write_text("\n".join(rows(case)) + "\n")
    end = ("--end-activity", "Solved") if case != "one ticket" else ()
    code, said = runs.run("run", "--home", home, "--event-log", log, *end)
    assert code == 0, said
    version = current(home)
    assert version is not None
    frames = {name: read(version, f"from analysis.{name}") for name in ANALYSIS_TABLES}
    answers = " ".join(frames["answers"]["answer"])
    assert len(frames["answers"]) == 5
    assert [sentence for sentence in UNKNOWN if sentence not in answers] == []
    assert "nan" not in answers.lower()
    # What cannot be known is a row without a figure but with its reason, or no row at all.
    assert frames["volume_forecast"].empty
    for name, figure in (("capacity_gap", "gap_agent_days"), ("drivers", "effect")):
        assert frames[name][figure].isna().all(), name
        assert frames[name]["reason"].str.len().gt(10).all(), name
    assert frames["sla_alerts"].empty
    assert frames["open_target_risk"].empty
    assert frames["anomalies"].empty
    if case != "one ticket":
        is_open = read(version, "select status from marts.mart_ticket_outcomes")["status"] == "open"
        assert is_open.all() if case == "all open" else not is_open.any()


def test_a_log_without_events_is_refused_and_what_was_published_stays(
    runs: Runs, home: Path, tmp_path: Path
) -> None:
    before, log = current(home), tmp_path / "log.csv"
    log.write_text("\n".join(rows("no ticket")) + "\n")
    code, said = runs.run("run", "--home", home, "--event-log", log)
    assert code == 1
    assert "there are no events in it" in said
    assert "Traceback" not in said
    assert current(home) == before
    assert before is not None
