"""The forecast's arithmetic, its judge, and when it holds its tongue."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from ops_tower.analysis import backtest, volume
from ops_tower.analysis.forecasting import Forecast, forecast_volume
from ops_tower.analysis.volume import History, daily_counts
from ops_tower_tests.analysis.marts import AS_OF, DAILY, FIRST_AT, days, mart, weekly

YEAR = 365


@pytest.fixture(scope="module")
def desk() -> pd.DataFrame:
    return days({"Tier 1": weekly(YEAR, 100, 1), "Tier 2": weekly(YEAR, 20, 2)})


@pytest.fixture(scope="module")
def result(desk: pd.DataFrame) -> Forecast:
    return forecast_volume(desk, AS_OF)


def of_group(result: Forecast, name: str) -> pd.Series:
    return result.backtest.set_index("group_name").loc[name]


def test_it_covers_thirty_days_from_the_as_of_day_for_each_group_and_the_total(
    result: Forecast,
) -> None:
    dates = result.volume.groupby("group_name")["date"].agg(["min", "max", "count"])
    assert dates.index.tolist() == ["All", "Tier 1", "Tier 2"]
    assert (dates["min"] == pd.Timestamp(AS_OF)).all()
    assert (dates["max"] == pd.Timestamp(AS_OF) + timedelta(days=29)).all()
    assert (dates["count"] == 30).all()


def test_groups_sum_to_the_total_on_each_day(result: Forecast) -> None:
    wide = result.volume.pivot_table(index="date", columns="group_name", values="forecast")
    assert (wide["Tier 1"] + wide["Tier 2"]).to_numpy() == pytest.approx(wide["All"].to_numpy())


def test_bands_enclose_the_forecast_and_each_other(result: Forecast) -> None:
    ordered = result.volume[["lower_95", "lower_80", "forecast", "upper_80", "upper_95"]]
    assert (np.diff(ordered.to_numpy(), axis=1) >= 0).all()
    assert (ordered.to_numpy() >= 0).all()


def test_the_weekly_season_and_the_level_are_learnt(result: Forecast) -> None:
    own = result.volume[result.volume["group_name"] == "All"]
    # 1 January 2025 and 2026 fall on different weekdays; the season goes by days since the first.
    place = (own["date"] - pd.Timestamp(FIRST_AT)).dt.days % 7
    truth = np.array([1.3, 1.25, 1.2, 1.15, 1.1, 0.5, 0.5])[place] * 120 * 1.2
    error = np.abs(own["forecast"] - truth).mean() / truth.mean()
    assert error < 0.06


def test_it_beats_repeating_last_week_and_its_bands_hold(result: Forecast) -> None:
    for name in ("All", "Tier 1", "Tier 2"):
        row = of_group(result, name)
        assert row["model"] == "Holt-Winters"
        assert row["mase"] < 1
        assert row["mase_in_sample"] < 1
        assert row["origins"] == 20
        assert 0.65 <= row["coverage_80"] <= 0.95
        assert row["coverage_95"] >= 0.85


def test_what_happens_after_an_origin_does_not_reach_its_forecast(desk: pd.DataFrame) -> None:
    counts = daily_counts(desk, AS_OF)
    actual = counts.to_numpy(dtype=float).T
    starts = np.array([200, 230])
    none = np.zeros(YEAR, dtype=bool)
    before = backtest.backtest(History(actual, none, none, 7), starts, 30)["Holt-Winters"]
    changed = actual.copy()
    changed[:, 230:] *= 3
    # What groups counted in the week before an origin was not settled then.
    changed[1:, 223:] *= 5
    after = backtest.backtest(History(changed, none, none, 7), starts, 30)["Holt-Winters"]
    assert after.forecast == pytest.approx(before.forecast)
    assert not np.allclose(after.error[1], before.error[1])


def test_reconciling_equals_generalised_least_squares() -> None:
    rng = np.random.default_rng(0)
    point, variance = rng.uniform(50, 100, (4, 5)), rng.uniform(1, 9, 4)
    point[0] *= 3  # a total as large as three groups, so that nothing reaches 0
    summing = np.vstack([np.ones(3), np.eye(3)])
    weight = np.diag(1 / variance)
    groups = np.linalg.solve(summing.T @ weight @ summing, summing.T @ weight @ point)
    assert volume.reconciled(point, variance) == pytest.approx(summing @ groups)


def test_a_weeks_shape_drawn_anew_every_six_weeks_makes_last_week_the_better_guide() -> None:
    rng = np.random.default_rng(4)
    counts = np.concatenate([np.tile(rng.choice([10.0, 300.0], 7), 6) for _ in range(8)])
    counts += rng.integers(0, 3, len(counts))
    result = forecast_volume(days({"Tier 1": counts}), FIRST_AT + timedelta(days=len(counts)))
    row = of_group(result, "All")
    assert row["mase"] >= 1
    assert row["model"] == "seasonal naive"
    assert "so last week is repeated" in row["reason"]
    own = result.volume[result.volume["group_name"] == "All"]
    assert (own["model"] == "seasonal naive").all()
    assert own["forecast"].tolist()[:14] == pytest.approx([*counts[-7:], *counts[-7:]])


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (np.array([]), "No new tickets on any whole day"),
        (np.zeros(60), "No new tickets on any whole day"),
        (np.ones(27), "27 whole days of history; a weekly pattern needs 28"),
        (np.r_[np.zeros(100), np.ones(20)], "20 whole days of history"),
        (np.r_[np.ones(100), np.zeros(28)], "No new ticket in the last 28 days"),
    ],
)
def test_a_history_that_is_too_short_or_silent_gets_a_reason_and_no_forecast(
    counts: np.ndarray, reason: str
) -> None:
    frame = days({"Tier 1": counts}) if len(counts) else mart(DAILY)
    result = forecast_volume(frame, FIRST_AT + timedelta(days=len(counts)))
    assert len(result.volume) == 0
    assert result.backtest["reason"].iloc[0].startswith(reason)
    assert pd.isna(result.backtest["mase"].iloc[0])


def test_a_month_of_history_repeats_last_week_and_says_it_is_untested() -> None:
    counts = weekly(35, 50, 3)
    result = forecast_volume(days({"Tier 1": counts}), FIRST_AT + timedelta(days=35))
    row = of_group(result, "All")
    assert row["origins"] == 0
    assert row["reason"].endswith("untested.")
    own = result.volume[result.volume["group_name"] == "All"]
    assert own["forecast"].tolist()[:7] == counts[-7:].tolist()
    assert (own["upper_95"] > own["lower_95"]).all()


def test_a_constant_history_stays_constant() -> None:
    result = forecast_volume(days({"Tier 1": np.full(200, 7.0)}), FIRST_AT + timedelta(days=200))
    assert result.volume["forecast"].tolist() == pytest.approx([7.0] * 60)


def test_the_unfinished_day_of_as_of_is_not_learnt_from(desk: pd.DataFrame) -> None:
    counts = daily_counts(desk, AS_OF - timedelta(hours=6))
    assert counts.index[-1] == pd.Timestamp("2025-12-30")


def test_tickets_count_for_the_group_that_ends_up_holding_them_where_that_is_known() -> None:
    frame = days({"Tier 1": np.full(5, 9.0), "Tier 2": np.zeros(5)})
    held = frame.assign(created_tickets_by_holder=[7.0] * 5 + [2.0] * 5)
    assert daily_counts(held, AS_OF).iloc[0].tolist() == [9, 7, 2]
    assert daily_counts(frame, AS_OF).iloc[0].tolist() == [9, 9, 0]


def test_a_ticket_that_may_yet_change_hands_teaches_a_group_nothing_for_a_week() -> None:
    groups = {"Tier 1": weekly(200, 100, 1), "Tier 2": weekly(200, 20, 2)}
    frame = days(groups).rename(columns={"created_tickets": "created_tickets_by_holder"})
    as_of = FIRST_AT + timedelta(days=200)
    is_new = frame["date"] >= pd.Timestamp(as_of) - timedelta(days=7)
    late = frame.copy()
    # Of the last week's tickets that Tier 2 will hold, all are still with Tier 1.
    late.loc[is_new & (late["group_name"] == "Tier 1"), "created_tickets_by_holder"] += frame.loc[
        is_new & (frame["group_name"] == "Tier 2"), "created_tickets_by_holder"
    ].to_numpy()
    late.loc[is_new & (late["group_name"] == "Tier 2"), "created_tickets_by_holder"] = 0
    expected, result = (forecast_volume(one, as_of).volume for one in (frame, late))
    pd.testing.assert_frame_equal(result, expected)


def test_a_gap_in_the_data_is_filled_to_learn_from_left_unjudged_and_said() -> None:
    whole = weekly(300, 60, 8).astype(float)
    holes = whole.copy()
    holes[250:262] = 0
    as_of = FIRST_AT + timedelta(days=300)
    expected, result = (forecast_volume(days({"Tier 1": one}), as_of) for one in (whole, holes))
    ratio = result.volume["forecast"] / expected.volume["forecast"]
    assert ratio.tolist() == pytest.approx([1.0] * 60, abs=0.08)
    widths = [one.volume.eval("upper_95 - lower_95").mean() for one in (expected, result)]
    assert widths[1] == pytest.approx(widths[0], rel=0.3)
    row = of_group(result, "All")
    assert row["gap_days"] == 12
    assert "12 days without any ticket (8 September to 19 September 2025)" in row["reason"]
    assert row["mase"] == pytest.approx(of_group(expected, "All")["mase"], abs=0.1)
    assert of_group(expected, "All")["gap_days"] == 0


def test_a_quiet_desks_days_without_a_ticket_are_no_gap() -> None:
    rare = np.random.default_rng(3).poisson(0.7, 300)
    closed = np.tile([9, 9, 9, 9, 9, 0, 0], 30)
    for counts in (rare, closed):
        result = forecast_volume(days({"Tier 1": counts}), FIRST_AT + timedelta(days=len(counts)))
        assert of_group(result, "All")["gap_days"] == 0


def test_after_a_long_gap_history_begins_anew_and_says_so() -> None:
    counts = weekly(300, 60, 8).astype(float)
    counts[1:200] = 0  # one straggler, then nothing for months
    as_of = FIRST_AT + timedelta(days=300)
    row = of_group(forecast_volume(days({"Tier 1": counts}), as_of), "All")
    assert row["history_days"] == 100
    assert row["reason"] == "History begins on 20 July 2025, after 199 days without a ticket."
    counts[200:280] = 0
    result = forecast_volume(days({"Tier 1": counts}), as_of)
    assert len(result.volume) == 0
    assert of_group(result, "All")["reason"].startswith("20 whole days of history")


def test_a_new_group_is_part_of_the_others_until_it_is_four_weeks_old() -> None:
    new = np.r_[np.zeros(180), np.full(20, 30.0)]
    frame = days({"Old": weekly(200, 100, 1) - new.astype(int) // 2, "New": new})
    result = forecast_volume(frame, FIRST_AT + timedelta(days=200))
    assert of_group(result, "New")["reason"].startswith("20 days since its first ticket, 28 needed")
    others = result.volume[result.volume["group_name"] == "Other groups"]
    assert others["forecast"].mean() == pytest.approx(30, rel=0.15)


def test_a_level_that_has_shifted_for_four_days_is_learnt_and_not_cleaned_away() -> None:
    level = np.r_[weekly(196, 100, 5), 2 * weekly(14, 100, 6)]
    result = forecast_volume(days({"Tier 1": level}), FIRST_AT + timedelta(days=210))
    own = result.volume[result.volume["group_name"] == "All"]["forecast"]
    before = level[:196].mean()
    assert own.mean() > 1.5 * before


def test_days_that_the_mart_lacks_count_as_zero() -> None:
    frame = days({"Tier 1": np.ones(10)})
    counts = daily_counts(frame[frame["date"] != pd.Timestamp("2025-01-04")], AS_OF)
    assert counts["All"].tolist() == [1, 1, 1, 0, 1, 1, 1, 1, 1, 1]


def test_small_groups_are_forecast_together_and_named() -> None:
    frame = days(
        {
            "Big": weekly(120, 50, 1),
            "Small": (np.arange(120) % 4 == 0) * 1.0,
            "Tiny": (np.arange(120) % 9 == 0) * 1.0,
        }
    )
    result = forecast_volume(frame, FIRST_AT + timedelta(days=120))
    assert result.volume["group_name"].unique().tolist() == ["All", "Big", "Other groups"]
    assert "part of Other groups" in of_group(result, "Small")["reason"]


def test_a_group_in_which_no_ticket_starts_is_not_forecast() -> None:
    frame = days({"Tier 1": weekly(120, 50, 1), "Tier 2": np.zeros(120)})
    result = forecast_volume(frame, FIRST_AT + timedelta(days=120))
    assert result.volume["group_name"].unique().tolist() == ["All", "Tier 1"]
    assert of_group(result, "Tier 2")["reason"].startswith("No ticket starts in this group")


def test_outliers_and_holidays_do_not_bend_the_forecast() -> None:
    clean = weekly(200, 100, 6).astype(float)
    holidays = {FIRST_AT.date() + timedelta(days=day) for day in (50, 100, 150, 205)}
    dirty = clean.copy()
    dirty[[50, 100, 150]] *= 0.1
    dirty[190] += 900
    as_of = FIRST_AT + timedelta(days=200)
    expected = forecast_volume(days({"Tier 1": clean}), as_of).volume
    result = forecast_volume(days({"Tier 1": dirty}), as_of, holidays=holidays)
    ratio = result.volume["forecast"] / expected["forecast"]
    is_holiday = result.volume["date"] == pd.Timestamp(FIRST_AT) + timedelta(days=205)
    assert ratio[~is_holiday].tolist() == pytest.approx([1.0] * 58, abs=0.06)
    assert ratio[is_holiday].tolist() == pytest.approx([0.1, 0.1], abs=0.03)
    assert of_group(result, "All")["cleaned_days"] >= 4


def test_a_holiday_never_seen_before_is_forecast_as_any_other_day(desk: pd.DataFrame) -> None:
    plain = forecast_volume(desk, AS_OF, 7)
    coming = forecast_volume(desk, AS_OF, 7, holidays={date(2026, 1, 1)})
    pd.testing.assert_frame_equal(plain.volume, coming.volume)
