"""How forecast, anomalies and breach risk did on simulated desks: the record in docs/forecasts.md.

Each seed is a desk of its own, read by way of the whole warehouse.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from unittest.mock import patch

import pandas as pd

from ops_tower.analysis import anomalies
from ops_tower.analysis.breach_history import judge
from ops_tower.analysis.forecasting import forecast_volume
from ops_tower_tests.benchmarks.desks import Desk, simulated
from ops_tower_tests.benchmarks.timing import table

AS_OF: Final = datetime(2026, 11, 24)  # noqa: DTZ001 - the project's clock is naive UTC
SEEDS: Final = range(11, 27)
MARTS: Final = ("mart_daily_ops", "mart_holidays", "mart_target_risk")
QUARTER_DAYS: Final = 91
FIRST_JUDGED_DAY: Final = 42  # a day needs four same weekdays before it, and two weeks of such days
AFTERMATH_DAYS: Final = 3  # the queue that a planted day leaves makes further days odd, rightly
VOLUMES: Final = ("created_tickets", "arrived_tickets")


class Record(NamedTuple):
    """What one desk gave."""

    backtest: pd.DataFrame
    alarms: pd.DataFrame
    alarms_untrimmed: pd.DataFrame
    risk: pd.Series
    found: int
    planted: int


def record(desk: Desk) -> Record:
    """Forecast, anomalies (with tails as they are, and shortened) and breach risk of a desk."""
    daily = desk.marts["mart_daily_ops"]
    holidays = frozenset(pd.to_datetime(desk.marts["mart_holidays"]["date"]).dt.date)
    planted = judged_days(daily, desk)
    with patch.object(anomalies, "in_normal_deviations", lambda z: z):
        before = anomalies.find_anomalies(daily, AS_OF, holidays)
    after = anomalies.find_anomalies(daily, AS_OF, holidays)
    volume = after.found[after.found["metric"] == "created_tickets"]
    return Record(
        forecast_volume(daily, AS_OF, holidays=holidays).backtest,
        false_alarms(after, planted),
        false_alarms(before, planted),
        judge(desk.marts["mart_target_risk"], AS_OF).measures.set_index("measure")["value"],
        len(planted & set(volume["date"].dt.date)),
        len(planted),
    )


def judged_days(daily: pd.DataFrame, desk: Desk) -> set[date]:
    """The planted days that have a baseline."""
    first = pd.to_datetime(daily["date"]).min().date() + timedelta(days=FIRST_JUDGED_DAY)
    days = {date.fromisoformat(row["day"]) for row in desk.truth["planted"]["anomaly_days"]}
    return {day for day in days if day >= first}


def false_alarms(result: anomalies.Anomalies, planted: set[date]) -> pd.DataFrame:
    """Alarms a quarter of judged days that no planted day explains, by metric and group."""
    after = {day + timedelta(days=past) for day in planted for past in range(AFTERMATH_DAYS + 1)}
    days = result.found["date"].dt.date
    is_volume = result.found["metric"].isin(VOLUMES)
    is_false = ~days.isin(planted).where(is_volume, days.isin(after))
    alarms = result.found[is_false].groupby(["metric", "group_name"]).size()
    watched = result.watched.set_index(["metric", "group_name"])["days_judged"].astype(float)
    quarters = watched[watched >= QUARTER_DAYS] / QUARTER_DAYS
    return (alarms.reindex(quarters.index).fillna(0) / quarters).rename("alarms").reset_index()


def report(tickets: int = 50_000, seeds: Iterable[int] = SEEDS) -> str:
    """Three Markdown tables, over the desks of all seeds."""
    seeds = list(seeds)
    records = [record(simulated(tickets, seed, AS_OF, MARTS)) for seed in seeds]
    found, planted = (sum(getattr(one, name) for one in records) for name in ("found", "planted"))
    return "\n\n".join(
        [
            f"### Looking ahead, {len(seeds)} desks of {tickets:,} tickets a year",
            _forecasts(pd.concat([one.backtest for one in records])),
            f"Planted days found in `created_tickets`: {found} of {planted}.",
            _alarms(
                pd.concat([one.alarms_untrimmed for one in records]),
                pd.concat([one.alarms for one in records]),
            ),
            _risk(pd.DataFrame([one.risk for one in records])),
        ]
    )


def _range(values: pd.Series, form: str = ".2f") -> str:
    return f"{values.min():{form}} to {values.max():{form}}"


def _forecasts(backtests: pd.DataFrame) -> str:
    columns = ("mase", "mase_in_sample", "coverage_80", "coverage_95")
    rows = [
        [group, *(_range(own[column]) for column in columns)]
        for group, own in backtests.groupby("group_name")
    ]
    return table(["series", "MASE", "MASE in sample", "80 % band held", "95 % band held"], rows)


def _alarms(before: pd.DataFrame, after: pd.DataFrame) -> str:
    keys = ["metric", "group_name"]
    figures: dict[str, Callable[[pd.Series], object]] = {
        "mean": lambda values: f"{values.mean():.2f}",
        "most": lambda values: f"{values.max():.2f}",
        "over 1": lambda values: f"{(values > 1).sum()} of {len(values)}",
    }
    rows = []
    for key, own in after.groupby(keys):
        earlier = before.loc[(before[keys] == key).all(axis=1), "alarms"]
        told = [
            figure(values) for values in (earlier, own["alarms"]) for figure in figures.values()
        ]
        rows.append([f"`{key[0]}`", key[1], *told])
    heads = [f"{name}, {which}" for which in ("own tail ignored", "as is") for name in figures]
    return table(["metric", "group", *heads], rows)


def _risk(measures: pd.DataFrame) -> str:
    half, flagged = measures["half_time_targets"], measures["flagged"]
    breached = measures["flagged_breached"] + measures["missed"]
    figures = {
        "AUC by probability": measures["auc"],
        "AUC by minutes left": measures["auc_minutes_left"],
        "Brier score": measures["brier"],
        "Brier score of the base rate": measures["brier_base_rate"],
        "flagged at half time": flagged / half,
        "of those, breached": measures["flagged_breached"] / flagged,
        "of the breaches, missed": measures["missed"] / breached,
        "median lead, minutes": measures["median_lead_minutes"],
    }
    rows = [
        [name, _range(values, ".0f" if "minutes" in name and "AUC" not in name else ".3f")]
        for name, values in figures.items()
    ]
    return table(["breach risk", "lowest to highest"], rows)
