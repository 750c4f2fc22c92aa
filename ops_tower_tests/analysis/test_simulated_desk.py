"""Forecast and anomalies on the simulated desk, marked against time held out and days planted."""

import json
from datetime import date, datetime

import duckdb
import pandas as pd
import pytest

from ops_tower.analysis.anomalies import find_anomalies
from ops_tower.analysis.forecasting import forecast_volume
from ops_tower.settings import PROJECT_ROOT
from ops_tower.sources.simulator import SimulatorParameters, simulate
from ops_tower_tests.analysis.marts import DAILY

AS_OF = datetime(2026, 11, 24)  # noqa: DTZ001 - the project's clock is naive UTC
HOLIDAYS = PROJECT_ROOT / "dbt_project" / "seeds" / "schedule_holidays.csv"
FIRST_JUDGED_DAY = 42  # a day needs four same weekdays before it, and two weeks of such days

Desk = tuple[pd.DataFrame, set[date], set[date]]


@pytest.fixture(scope="module", params=[11, 12])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """New tickets by day and holder, the holidays, and the planted days that can be judged."""
    folder = tmp_path_factory.mktemp("desk")
    simulate(SimulatorParameters(as_of=AS_OF, seed=request.param), folder)
    with duckdb.connect() as connection:
        counts = connection.execute(
            """
            select cast(created_at as date) as date, group_name,
                cast(count(*) as double) as created_tickets_by_holder,
                cast(count(*) as double) as created_tickets
            from read_parquet(?) group by all
            """,
            [str(folder / "tickets.parquet")],
        ).df()
        holidays = connection.execute(
            """
            select cast(unnest(range(first_date, last_date + 1, interval 1 day)) as date)
            from read_csv(?)
            """,
            [str(HOLIDAYS)],
        ).fetchall()
    daily = counts.assign(**{name: 0.0 for name in DAILY if name not in counts})
    planted = json.loads((folder / "truth.json").read_text())["planted"]["anomaly_days"]
    first = daily["date"].min() + pd.Timedelta(days=FIRST_JUDGED_DAY)
    days = [pd.Timestamp(row["day"]) for row in planted]
    judged = {day.date() for day in days if first <= day}
    return daily, {day for (day,) in holidays}, judged


def test_every_group_and_the_total_beat_last_week_and_bands_hold_what_they_promise(
    desk: Desk,
) -> None:
    daily, holidays, _ = desk
    tested = forecast_volume(daily, AS_OF, holidays=frozenset(holidays)).backtest
    assert set(tested["group_name"]) == {
        "All",
        "Tier 1 Support",
        "Tier 2 Specialists",
        "Engineering",
    }
    for row in tested.itertuples():
        assert row.origins >= 6
        assert row.mase < 1, row
        assert row.mase_in_sample < 1, row
        assert 0.70 <= row.coverage_80 <= 0.90, row
        assert row.coverage_95 >= 0.88, row


def test_planted_days_are_found_and_other_days_left_alone(desk: Desk) -> None:
    daily, holidays, planted = desk
    found = find_anomalies(daily, AS_OF, frozenset(holidays)).found
    days = set(found.loc[found["metric"] == "created_tickets", "date"].dt.date)
    assert len(planted) >= 10
    assert len(days & planted) >= 0.9 * len(planted)
    assert len(days - planted) <= 365 / 91
