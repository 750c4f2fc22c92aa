"""The backlog ahead, and the chance that it outgrows the promise."""

from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from ops_tower.analysis.backlog import outlook, project_backlog, sla_windows
from ops_tower.analysis.forecasting import FORECAST_BACKTEST, VOLUME_FORECAST
from ops_tower_tests.analysis.marts import AS_OF, CAPACITY, DAILY, TARGET_RISK, days, mart

# A staff of 10 works off 10 x 8 x 0.7 x 0.8 x 60 = 2,688 minutes a weekday.
WORKED = 10 * 8 * 0.7 * 0.8 * 60


def project(
    tickets: float = 300.0, spread: float = 0.1, window: float = 16.0, **capacity: object
) -> pd.DataFrame:
    """Project a group that spends ten minutes on each new ticket and has 100 waiting."""
    empty = dict.fromkeys(VOLUME_FORECAST.columns)
    volume = VOLUME_FORECAST.frame(
        {**empty, "group_name": "All", "date": AS_OF + timedelta(days=day), "forecast": tickets}
        for day in range(30)
    )
    row = {**dict.fromkeys(FORECAST_BACKTEST.columns), "group_name": "All"}
    backtest = FORECAST_BACKTEST.frame([row | {"horizon_total_error": spread}])
    daily = days({"Tier 1": np.full(200, 100)}, datetime(2025, 6, 15))  # noqa: DTZ001 - naive UTC
    daily = daily.assign(handle_minutes=1000.0, solved_tickets=100.0, backlog_tickets=100)
    return project_backlog(
        volume, backtest, daily, mart(CAPACITY, [capacity]), {"Tier 1": window}, AS_OF
    )


def test_each_day_adds_the_forecast_work_and_each_weekday_takes_what_staff_can_do() -> None:
    result = project().set_index("date")["backlog_days"]
    backlog = 100 * 10.0
    for day, shown in result.items():
        backlog = max(backlog + 300 * 10.0 - (WORKED if day.weekday() < 5 else 0), 0)
        assert shown == pytest.approx(backlog / WORKED)


def test_the_band_is_the_same_run_at_other_volumes() -> None:
    result = project(spread=0.1)
    more, less = project(tickets=300 * 1.128), project(tickets=300 * 0.872)
    assert result["upper_80"].to_numpy() == pytest.approx(more["backlog_days"], rel=0.02)
    assert result["lower_80"].to_numpy() == pytest.approx(less["backlog_days"], rel=0.02)


def test_the_chance_to_outgrow_is_that_of_the_volume_that_would() -> None:
    window = project(tickets=310.0, spread=0.0)["backlog_days"].iloc[-1]
    result = project(tickets=300.0, spread=0.05, window=10 * window)
    expected = 1 - NormalDist().cdf((310 / 300 - 1) / 0.05)
    assert result["outgrow_probability"].iloc[-1] == pytest.approx(expected, abs=0.02)
    assert result["outgrow_probability"].iloc[0] == 0


def test_the_promise_in_weekdays_is_its_hours_over_those_that_the_schedule_is_open() -> None:
    assert project(window=15.0)["window_days"].unique().tolist() == [1.5]
    around_the_clock = project(window=15.0, open_hours_per_weekday=24.0)
    assert around_the_clock["window_days"].unique().tolist() == [15 / 24]


def test_the_outlook_names_the_first_day_past_the_promise_and_how_likely_it_is() -> None:
    projection = project(tickets=300.0, spread=0.05, window=40.0)
    row = outlook(projection).iloc[0]
    by_day = projection.set_index("date")["backlog_days"]
    assert row["outgrows_on"] == by_day[by_day > 4].index[0]
    assert row["outgrow_probability"] == projection["outgrow_probability"].max() > 0.5
    assert row["horizon_days"] == 30


def test_a_backlog_that_stays_small_is_given_no_day_and_its_chance() -> None:
    row = outlook(project(tickets=10.0)).iloc[0]
    assert pd.isna(row["outgrows_on"])
    assert row["outgrow_probability"] == 0
    assert outlook(project(window=float("nan")))["reason"].tolist() == [
        "The group has no resolution target."
    ]


def test_an_overload_is_certain_and_an_idle_group_safe() -> None:
    assert project(tickets=3000)["outgrow_probability"].iloc[-1] == 1
    idle = project(tickets=10)
    assert idle["outgrow_probability"].max() == 0
    assert idle["backlog_days"].iloc[-1] == 0


def test_a_forecast_without_error_gives_yes_or_no() -> None:
    result = project(spread=float("nan"), tickets=400)
    assert set(result["outgrow_probability"]) == {0.0, 1.0}
    assert (result["lower_80"] == result["upper_80"]).all()


def test_a_group_without_a_promise_has_a_backlog_and_no_chance_to_outgrow() -> None:
    result = project(window=float("nan"))
    assert result["outgrow_probability"].isna().all()
    assert result["backlog_days"].notna().all()


@pytest.mark.parametrize("change", [{"fte": None}, {"fte": 0.0}, {"group_name": "Nobody's"}])
def test_groups_without_known_staff_or_work_are_left_out(change: dict) -> None:
    assert len(project(**change)) == 0


def test_nothing_is_projected_without_a_forecast_or_days() -> None:
    result = project_backlog(
        VOLUME_FORECAST.frame(),
        FORECAST_BACKTEST.frame(),
        mart(DAILY),
        mart(CAPACITY, [{}]),
        {},
        AS_OF,
    )
    assert len(result) == 0


def test_the_promise_is_the_median_resolution_target_by_time_held() -> None:
    resolution = {"metric": "total_resolution_time"}
    windows = sla_windows(
        mart(
            TARGET_RISK,
            [
                resolution | {"target_seconds": 3600, "reached": 100},
                resolution | {"target_seconds": 36_000, "reached": 101, "elapsed_bin": 3},
                {"target_seconds": 60, "reached": 10**6},
            ],
        )
    )
    assert windows == {"Tier 1": 10.0}
    assert sla_windows(mart(TARGET_RISK)) == {}
