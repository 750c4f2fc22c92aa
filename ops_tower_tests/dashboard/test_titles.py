"""The sentences in titles say what the tables say, on desks that chance made.

One desk of the pipeline is read on every run; with OPS_TOWER_LARGE_TESTS set, four more.
"""

import os
from pathlib import Path

import pytest

from ops_tower_tests.command_line import ops_tower
from ops_tower_tests.dashboard import desk, titles
from ops_tower_tests.dashboard.conftest import Start

LARGE = pytest.mark.skipif(
    "OPS_TOWER_LARGE_TESTS" not in os.environ, reason="takes minutes: set OPS_TOWER_LARGE_TESTS"
)


@pytest.mark.parametrize("seed", range(5))
def test_titles_are_true_whatever_chance_made(start: Start, tmp_path: Path, seed: int) -> None:
    version = desk.publish(tmp_path, seed=seed)
    start(folder=tmp_path)
    said = {page: titles.read(tmp_path, page, "90d") for page in titles.PAGES}
    faults = [titles.untrue(version, page, title, 90) for page, title in said.items()]
    assert faults == [[]] * len(titles.PAGES)
    assert {page: titles.made(page, title) for page, title in said.items()} == {
        "executive_overview": 4,
        "queue_performance": 2,
        "bottleneck_analysis": 2,
        "capacity_planning": 2,
        "quality_outcomes": 2,
        "recommendations": 2,
        "tickets": 1,
        "about_the_data": 1,
    }


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=LARGE) for seed in range(2, 6))])
def test_titles_are_true_on_desks_that_the_pipeline_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("OPS_TOWER_HOME", "")  # the reading of titles sets it
    run = ops_tower("run", "--home", tmp_path, "--tickets", "2000", "--seed", str(seed))
    assert run.returncode == 0, run.stderr
    assert titles.faults(tmp_path) == []


def test_a_title_that_is_not_true_is_found(home: Path) -> None:
    version = (home / "published" / "current").resolve()
    title = "79.1% of 268 judged tickets met all their targets."
    assert titles.untrue(version, "executive_overview", title, 30) == []
    assert titles.untrue(version, "executive_overview", title.replace("79.1", "79.2"), 30)
    assert titles.untrue(version, "executive_overview", "All is well.", 30)


def test_a_planted_bottleneck_shortage_and_miss_are_named(start: Start, tmp_path: Path) -> None:
    version = desk.publish(tmp_path)
    desk.republish(
        tmp_path,
        version,
        """update analysis.group_bottlenecks set is_bottleneck = group_name = 'Engineering',
        bottleneck_score = if(group_name = 'Engineering', 100, 9)""",
        "update analysis.capacity_gap set gap_agent_days = -2 where group_name <> 'Engineering'",
        """update analysis.capacity_gap set gap_agent_days = 7, lower_80 = 5, upper_80 = 9
        where group_name = 'Engineering'""",
    )
    start(folder=tmp_path)
    queue = titles.read(tmp_path, "queue_performance", "30d")
    assert queue.startswith("Engineering is the tightest queue (score 100")
    staff = titles.read(tmp_path, "capacity_planning", "30d")
    assert staff.startswith("No: in March 2026 Engineering is short of 7 agent-days")
