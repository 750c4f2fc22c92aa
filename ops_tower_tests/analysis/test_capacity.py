"""Agent-days needed and there."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from ops_tower.analysis.capacity import Staffing, capacity_gap, minutes_per_ticket, plan
from ops_tower.analysis.forecasting import FORECAST_BACKTEST, VOLUME_FORECAST
from ops_tower_tests.analysis.marts import AS_OF, CAPACITY, DAILY, days, mart

STAFF = Staffing(
    fte=10,
    working_days=20,
    hours_per_day=8,
    shrinkage=0.25,
    target_occupancy=0.8,
    minutes_per_ticket=24,
)


def volume(first: datetime = AS_OF, horizon: int = 31, tickets: float = 100.0) -> pd.DataFrame:
    return VOLUME_FORECAST.frame(
        {
            **dict.fromkeys(VOLUME_FORECAST.columns),
            "group_name": "All",
            "date": first + timedelta(days=day),
            "forecast": tickets,
        }
        for day in range(horizon)
    )


def backtest(spread: float = 0.1) -> pd.DataFrame:
    empty = dict.fromkeys(FORECAST_BACKTEST.columns)
    return FORECAST_BACKTEST.frame([{**empty, "group_name": "All", "horizon_total_error": spread}])


def history(minutes: float = 500.0) -> pd.DataFrame:
    """A year of 50 new tickets and some minutes of work a day."""
    return days({"Tier 1": np.full(365, 50)}).assign(handle_minutes=minutes)


def test_needed_and_available_are_the_textbooks_arithmetic() -> None:
    result = plan(3000, STAFF)
    assert result.needed_agent_days == pytest.approx(3000 * 24 / 60 / 8 / 0.8)
    assert result.available_agent_days == pytest.approx(10 * 20 * 0.75)
    assert result.gap_agent_days == pytest.approx(187.5 - 150)
    assert result.utilisation == pytest.approx(150 / 150)


def test_a_plan_is_arithmetic_that_a_slider_can_wait_for() -> None:
    started = time.process_time()
    for fte in range(1000):
        plan(3000, replace(STAFF, fte=fte))
    # A page with a dozen groups draws within 20 ms if one plan takes well under 1.
    assert time.process_time() - started < 1.0


def test_no_staff_means_all_work_is_short_and_no_utilisation() -> None:
    result = plan(3000, Staffing(0, 20, 8, 0.25, 0.8, 24))
    assert result.gap_agent_days == result.needed_agent_days
    assert np.isnan(result.utilisation)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shrinkage": 1.0}, "shrinkage is 1.0"),
        ({"target_occupancy": 0.0}, "target_occupancy is 0.0"),
        ({"target_occupancy": 1.1}, "target_occupancy is 1.1"),
        ({"hours_per_day": 0}, "hours_per_day is 0"),
    ],
)
def test_senseless_staffing_is_an_error_that_names_it(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan(1, Staffing(**{**vars(STAFF), **change}))


def test_the_gap_puts_forecast_work_and_staff_together() -> None:
    result = capacity_gap(volume(), backtest(), history(), mart(CAPACITY, [{}]), AS_OF)
    row = result.iloc[0]
    assert row["month"] == "2026-01"
    assert row["tickets"] == 3100
    assert row["working_days"] == 22
    assert row["minutes_per_ticket"] == 10.0
    assert row["minutes_per_worked_ticket"] == 12.0
    assert row["needed_agent_days"] == pytest.approx(3100 * 10 / 60 / 8 / 0.8)
    assert row["available_agent_days"] == pytest.approx(10 * 22 * 0.7)
    assert row["gap_agent_days"] == row["needed_agent_days"] - row["available_agent_days"]


def test_the_band_is_the_error_of_a_whole_months_total() -> None:
    row = capacity_gap(volume(), backtest(0.1), history(), mart(CAPACITY, [{}]), AS_OF).iloc[0]
    assert row["upper_80"] - row["gap_agent_days"] == pytest.approx(
        0.12816 * row["needed_agent_days"]
    )
    assert row["gap_agent_days"] - row["lower_95"] == pytest.approx(
        0.196 * row["needed_agent_days"]
    )


@pytest.mark.parametrize(
    ("as_of", "month"),
    [
        (datetime(2026, 1, 1), "2026-01"),  # noqa: DTZ001 - the project's clock is naive UTC
        (datetime(2026, 1, 1, 0, 0, 1), "2026-02"),  # noqa: DTZ001 - the same
        (datetime(2026, 12, 15), "2027-01"),  # noqa: DTZ001 - the same
    ],
)
def test_the_month_is_the_one_that_starts_at_or_after_as_of(as_of: datetime, month: str) -> None:
    result = capacity_gap(volume(as_of), backtest(), history(), mart(CAPACITY, [{}]), as_of)
    assert result["month"].tolist() == [month]


def test_days_past_the_horizon_repeat_its_last_week() -> None:
    as_of = datetime(2026, 1, 10)  # noqa: DTZ001 - the project's clock is naive UTC
    coming = volume(as_of, 30)
    coming["forecast"] = coming["date"].dt.weekday + 1.0
    coming.loc[:6, "forecast"] = 1000.0  # the first week lies in January and repeats nowhere
    row = capacity_gap(coming, backtest(), history(), mart(CAPACITY, [{}]), as_of).iloc[0]
    assert row["tickets"] == 4 * (1 + 2 + 3 + 4 + 5 + 6 + 7)  # February 2026 is four whole weeks


def test_holidays_take_working_days_and_weekend_ones_do_not() -> None:
    holidays = {datetime(2026, 1, 1).date(), datetime(2026, 1, 3).date()}  # noqa: DTZ001 - dates
    row = capacity_gap(volume(), backtest(), history(), mart(CAPACITY, [{}]), AS_OF, holidays).iloc[
        0
    ]
    assert row["working_days"] == 21


def test_work_put_off_counts_as_offered() -> None:
    frame = history()
    assert minutes_per_ticket(frame, AS_OF) == {"Tier 1": 10.0}
    frame["solved_tickets"] = 50.0
    frame["backlog_tickets"] = np.arange(365) * 10
    # 900 tickets put off in 91 days at ten minutes each.
    assert minutes_per_ticket(frame, AS_OF)["Tier 1"] == pytest.approx(10 + 10 * 900 / (91 * 50))


def test_only_the_last_thirteen_weeks_teach_the_work_per_ticket() -> None:
    frame = history()
    frame.loc[frame["date"] < pd.Timestamp("2025-10-02"), "handle_minutes"] = 9999.0
    assert minutes_per_ticket(frame, AS_OF) == {"Tier 1": 10.0}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"capacity": mart(CAPACITY, [{"fte": None}])}, "does not say who works"),
        ({"capacity": mart(CAPACITY)}, "does not say who works"),
        ({"volume": VOLUME_FORECAST.frame()}, "no volume forecast"),
        ({"daily": history(0.0)}, "No handling time"),
        ({"capacity": mart(CAPACITY, [{"shrinkage": None}])}, "lacks shrinkage"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_made_up(change: dict, reason: str) -> None:
    given = {"volume": volume(), "daily": history(), "capacity": mart(CAPACITY, [{}]), **change}
    row = capacity_gap(given["volume"], backtest(), given["daily"], given["capacity"], AS_OF).iloc[
        0
    ]
    assert reason in row["reason"]
    assert pd.isna(row["needed_agent_days"])
    assert pd.isna(row["gap_agent_days"])


def test_an_untested_forecast_gives_a_gap_without_a_band() -> None:
    row = capacity_gap(
        volume(), backtest(float("nan")), history(), mart(CAPACITY, [{}]), AS_OF
    ).iloc[0]
    assert not pd.isna(row["gap_agent_days"])
    assert pd.isna(row["lower_80"])


def test_without_groups_there_are_no_rows() -> None:
    result = capacity_gap(volume(), backtest(), mart(DAILY), mart(CAPACITY), AS_OF)
    assert len(result) == 0
