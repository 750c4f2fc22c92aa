"""What the whole way publishes about a log is what pm4py says about it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from ops_tower_tests.analysis.real_logs import events, real_log
from ops_tower_tests.command_line import open_published, ops_tower
from ops_tower_tests.oracle.reference import as_pm4py, pm4py

pytestmark = pytest.mark.filterwarnings("ignore")  # pm4py's own

LOGS = ("helpdesk", "bpic2013_closed", "many variants")


def many_variants(path: Path) -> Path:
    """A CSV log of 24 activities in thousands of variants, with ties and cases of one event."""
    rng = np.random.default_rng(24)
    start = datetime(2026, 1, 5, 8)  # noqa: DTZ001 - the file names no zone
    lines = ["ticket,what,when"]
    for case in range(3000):
        second = int(rng.integers(0, 86_400 * 90))
        for _ in range(rng.integers(1, 12)):
            activity = f"step {min(int(rng.geometric(0.15)), 24):02d}"
            at = start + timedelta(seconds=second, milliseconds=int(rng.integers(0, 2)) * 137)
            lines.append(f"c{case:04d},{activity},{at:%Y-%m-%d %H:%M:%S.%f}")
            second += int(rng.choice([0, 1, 60, rng.integers(1, 500_000)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=LOGS)
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[duckdb.DuckDBPyConnection, pd.DataFrame]]:
    """The published file of a log, and the log as pm4py reads it."""
    pm4py()
    folder = tmp_path_factory.mktemp("oracle")
    columns: tuple[str, ...] = ()
    if request.param == "many variants":
        source = many_variants(folder / "log.csv")
        columns = ("case=ticket", "activity=what", "timestamp=when")
        log = pd.read_csv(source).set_axis(["case", "activity", "at"], axis=1)
        log["at"] = pd.to_datetime(log["at"])
        log = log.sort_values(["case", "at"], kind="stable")
    else:
        source = real_log(request.param)
        log = events(source).drop(columns="place")
    options = [part for column in columns for part in ("--column", column)]
    result = ops_tower("run", "--home", folder / "home", "--event-log", source, *options)
    assert result.returncode == 0, result.stderr
    with open_published(folder / "home") as published:
        yield published, as_pm4py(log)


Both = tuple[duckdb.DuckDBPyConnection, pd.DataFrame]


def test_directly_follows_counts_are_equal(both: Both) -> None:
    published, log = both
    counts, _, _ = pm4py().discover_dfg(log)
    rows = published.execute(
        "select from_activity, to_activity, transitions from analysis.process_transitions"
    ).fetchall()
    assert {(start, end): count for start, end, count in rows} == dict(counts)


def test_mean_and_median_durations_are_equal(both: Both) -> None:
    published, log = both
    durations, _, _ = pm4py().discover_performance_dfg(log)
    rows = published.execute(
        """select from_activity, to_activity, mean_hours, median_hours
           from analysis.process_transitions"""
    ).fetchall()
    assert len(rows) == len(durations)
    for start, end, mean, median in rows:
        expected = durations[start, end]
        assert 3600 * mean == pytest.approx(expected["mean"], rel=1e-9, abs=1e-6)
        assert 3600 * median == pytest.approx(expected["median"], rel=1e-9, abs=1e-6)


def test_start_and_end_activities_are_equal(both: Both) -> None:
    published, log = both
    rows = published.execute(
        "select activity, start_cases, end_cases from marts.mart_activities"
    ).fetchall()
    starts = {activity: count for activity, count, _ in rows if count}
    ends = {activity: count for activity, _, count in rows if count}
    assert starts == dict(pm4py().get_start_activities(log))
    assert ends == dict(pm4py().get_end_activities(log))


def test_variants_are_equal(both: Both) -> None:
    published, log = both
    rows = published.execute("select variant, cases from analysis.process_variants").fetchall()
    expected = pm4py().get_variants(log)
    assert dict(rows) == {" > ".join(names): count for names, count in expected.items()}
