"""Planted odd days are found, ordinary ones are left alone."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from ops_tower.analysis import anomalies
from ops_tower.analysis.anomalies import Anomalies, find_anomalies
from ops_tower_tests.analysis.marts import AS_OF, DAILY, days, mart, weekly

YEAR = 365
QUARTERS = (YEAR - 35) / 91  # days that have a baseline


def desk(seed: int, groups: tuple[str, ...] = ("Tier 1",)) -> pd.DataFrame:
    """A year of counts, first replies, judged tickets and ratings that only chance moves."""
    rng = np.random.default_rng(seed)
    frame = days({name: weekly(YEAR, 100, seed + place) for place, name in enumerate(groups)})
    n = frame["created_tickets"].astype(int)
    sizes = ("first_replies", "judged_tickets", "ratings")
    frame[list(sizes)] = np.column_stack([n, n, n // 3]).astype(float)
    frame["first_reply_minutes_sum"] = [rng.lognormal(3, 1, size).sum() for size in n]
    frame["met_tickets"] = (n - rng.binomial(n, 0.1)).astype(float)
    frame["csat_score_sum"] = [float(rng.integers(1, 6, size).sum()) for size in n // 3]
    return frame


def found_on(result: Anomalies, metric: str, group: str = "All") -> set[int]:
    """Days since the first on which a metric was odd."""
    rows = result.found
    own = rows[(rows["metric"] == metric) & (rows["group_name"] == group)]
    return set((own["date"] - pd.Timestamp("2025-01-01")).dt.days)


@pytest.mark.parametrize("seed", range(5))
def test_planted_days_are_found_and_false_alarms_are_few(seed: int) -> None:
    frame = desk(10 * seed)
    odd = list(range(100, 350, 28))
    frame.loc[odd, "created_tickets"] *= 1.8
    frame.loc[odd, "first_reply_minutes_sum"] *= 4
    frame.loc[odd, "met_tickets"] -= 0.35 * frame.loc[odd, "judged_tickets"]
    frame.loc[odd, "csat_score_sum"] -= 1.8 * frame.loc[odd, "ratings"]
    result = find_anomalies(frame, AS_OF)
    for metric in ("created_tickets", "first_reply_minutes", "breach_rate", "csat_score"):
        seen = found_on(result, metric)
        assert len(seen & set(odd)) >= 0.9 * len(odd), metric
        assert len(seen - set(odd)) <= QUARTERS, metric


def test_an_odd_day_does_not_hide_the_next_one_on_its_weekday() -> None:
    frame = desk(1)
    frame.loc[[200, 207, 214], "created_tickets"] *= 2
    assert {200, 207, 214} <= found_on(find_anomalies(frame, AS_OF), "created_tickets")


def test_the_expected_value_is_the_median_of_eight_same_weekdays_before() -> None:
    frame = desk(2)
    frame.loc[200, "created_tickets"] *= 3
    row = find_anomalies(frame, AS_OF).found.query("metric == 'created_tickets'")
    row = row[row["group_name"] == "All"].set_index("date").loc["2025-07-20"]
    before = [frame.loc[200 - 7 * week, "created_tickets"] for week in range(1, 9)]
    assert row["expected"] == np.median(before)
    assert row["value"] == frame.loc[200, "created_tickets"]
    assert row["direction"] == "high"


@pytest.mark.parametrize("place", [0, 3])
def test_scores_equal_those_of_a_plain_loop(place: int) -> None:
    metric, rng = anomalies.METRICS[place], np.random.default_rng(3)
    n = weekly(150, 30, 3).astype(float)
    over, under = (n, None) if metric.scale == "count" else (rng.binomial(n.astype(int), 0.3), n)
    *_, fast, _ = anomalies._judge(metric, over * 1.0, under, np.ones(150, dtype=bool))  # noqa: SLF001
    value = n if under is None else over / n
    residual = np.full(150, np.nan)
    for day in range(28, 150):
        usual = np.median([value[day - 7 * week] for week in range(1, 9) if day >= 7 * week])
        chance = np.sqrt(max(usual, 1))
        if under is not None:
            share = min(max(usual, 0.5 / n[day]), 1 - 0.5 / n[day])
            chance = np.sqrt(share * (1 - share) / n[day])
        residual[day] = (value[day] - usual) / chance
    for day in range(150):
        earlier = residual[max(0, day - 91) : day]
        earlier = np.abs(earlier[~np.isnan(earlier)])
        if len(earlier) < 14 or np.isnan(residual[day]):
            assert np.isnan(fast[day])
            continue
        spread = np.quantile(earlier, 0.5) / 0.6745
        if under is not None:
            spread = max(spread, np.quantile(earlier, 0.9) / 1.6449)
        spread = max(1.14 * spread, 1) * np.sqrt(1 + np.pi / 16)
        assert fast[day] == pytest.approx(residual[day] / spread)


def test_scores_with_a_long_tail_are_as_rare_as_a_normal_variables() -> None:
    rng = np.random.default_rng(8)
    for power, scale in ((1.0, 1.0), (1.0, 1.7), (1.8, 1.0), (2.5, 0.8)):
        normal = rng.standard_normal(200_000)
        long = scale * np.sign(normal) * np.abs(normal) ** power
        shortened = anomalies.in_normal_deviations(long)
        assert (np.abs(shortened) <= np.abs(long) + 1e-12).all(), "nothing becomes odder"
        beyond = (np.abs(shortened) >= anomalies.THRESHOLD).mean()
        assert beyond == pytest.approx(0.0027, rel=0.25), (power, scale)
        assert (np.argsort(shortened) == np.argsort(long)).all()


def test_scores_without_a_long_tail_stay_as_they_are() -> None:
    z = np.random.default_rng(9).uniform(-1.5, 1.5, 300)
    z[[3, 50]] = [np.nan, 7.0]
    np.testing.assert_array_equal(anomalies.in_normal_deviations(z)[:50], z[:50])
    assert anomalies.in_normal_deviations(z)[50] == pytest.approx(7.0)
    few = np.array([0.1] * 38 + [9.0])
    np.testing.assert_array_equal(anomalies.in_normal_deviations(few), few)


def test_groups_are_watched_apart_and_together() -> None:
    frame = desk(3, ("Tier 1", "Tier 2"))
    frame.loc[YEAR + 200, "arrived_tickets"] *= 2
    result = find_anomalies(frame, AS_OF)
    assert 200 in found_on(result, "arrived_tickets", "Tier 2")
    assert 200 not in found_on(result, "arrived_tickets", "Tier 1")
    watched = result.watched.groupby("metric")["group_name"].agg(list).to_dict()
    assert watched == {
        "created_tickets": ["All"],
        "arrived_tickets": ["Tier 1", "Tier 2"],
        "first_reply_minutes": ["All", "Tier 1", "Tier 2"],
        "breach_rate": ["All", "Tier 1", "Tier 2"],
        "csat_score": ["All", "Tier 1", "Tier 2"],
    }


def test_a_metric_whose_ordinary_days_have_long_tails_is_not_alarmed_by_them() -> None:
    alarms = 0
    for seed in range(5):
        frame, rng = desk(40 + seed), np.random.default_rng(seed)
        # Every day has its own rate, and now and then the queue runs full: so it is here.
        rate = np.clip(0.35 + 0.05 * rng.standard_t(3, YEAR), 0.01, 0.99)
        judged = frame["judged_tickets"].astype(int)
        frame["met_tickets"] = (judged - rng.binomial(judged, rate)).astype(float)
        alarms += len(found_on(find_anomalies(frame, AS_OF), "breach_rate"))
    assert alarms / 5 <= QUARTERS


def test_holidays_are_neither_odd_nor_part_of_a_baseline() -> None:
    frame = desk(4)
    frame.loc[200, "created_tickets"] = 0
    assert 200 in found_on(find_anomalies(frame, AS_OF), "created_tickets")
    holiday = date(2025, 1, 1) + timedelta(days=200)
    assert 200 not in found_on(find_anomalies(frame, AS_OF, {holiday}), "created_tickets")


def test_the_unfinished_day_is_not_judged() -> None:
    frame = desk(5)
    frame.loc[364, "created_tickets"] = 0
    assert 364 in found_on(find_anomalies(frame, AS_OF), "created_tickets")
    assert 364 not in found_on(find_anomalies(frame, AS_OF - timedelta(hours=1)), "created_tickets")


def test_a_mean_of_few_observations_is_not_judged() -> None:
    frame = desk(6)
    columns = ["first_replies", "first_reply_minutes_sum"]
    frame.loc[200, columns] = [4, 4 * 5000]
    assert 200 not in found_on(find_anomalies(frame, AS_OF), "first_reply_minutes")
    frame.loc[200, columns] = [5, 5 * 5000]
    assert 200 in found_on(find_anomalies(frame, AS_OF), "first_reply_minutes")


def test_a_source_without_ratings_says_so() -> None:
    frame = desk(7).assign(ratings=np.nan, csat_score_sum=None)
    watched = find_anomalies(frame, AS_OF).watched.set_index(["metric", "group_name"])
    assert watched.loc[("csat_score", "All"), "days_judged"] == 0
    assert watched.loc[("csat_score", "All"), "reason"] == "This source has no such observations."
    assert pd.isna(watched.loc[("created_tickets", "All"), "reason"])


def test_without_days_there_is_a_reason_for_each_metric() -> None:
    result = find_anomalies(mart(DAILY), AS_OF)
    assert len(result.found) == 0
    assert result.watched["reason"].tolist() == ["There are no days."] * 4
