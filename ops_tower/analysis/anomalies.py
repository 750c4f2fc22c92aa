"""Days that were unlike their weekday: volume, first reply, breach rate and CSAT, per group too.

Belongs here: the expected value of a day, its spread, and the z-score.
Does not belong here: why a day was odd, and any forecast.
"""

from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ops_tower.analysis.frames import Output
from ops_tower.analysis.words import counted

TOTAL: Final = "All"
WEEKS: Final = 8  # same weekdays before the day that make its baseline
FEWEST_WEEKS: Final = 4
SPREAD_WEEKS: Final = 13
THRESHOLD: Final = 3.0
# Half and nine tenths of a normal variable's absolute values lie within these deviations. Where a
# metric's ordinary days have long tails (a queue that runs full), the second is the wider measure.
# Counts have no such tails: tickets come one by one, and a heap of them is what is looked for.
HALF_WITHIN: Final = 0.6745
NINE_TENTHS_WITHIN: Final = 1.6449
# A spread learnt from the residuals' quantiles is itself uncertain: what is 3 for a known spread is
# 3.42 for one from the median of 56 days (as good as the squares of 20).
SPREAD_DOUBT: Final = 3.42 / 3.0
# A metric's tail is read off the median and the 95th percentile of its |z|: twelve odd days a year
# hardly move the latter. A normal variable has them at HALF_WITHIN and here.
TAIL_QUANTILE: Final = 0.95
TAIL_WITHIN: Final = 1.9600
FEWEST_OF_TAIL: Final = 40  # judged days, of which two lie beyond the 95th percentile
FEWEST_OBSERVATIONS: Final = 5  # replies, judged tickets or ratings behind a day's mean

Floats = npt.NDArray[np.float64]

ANOMALIES: Final = Output(
    "anomalies",
    "One row per day, metric and group on which the metric was far from its weekday's usual.",
    {
        "date": "time",
        "metric": "text",
        "group_name": "text",
        "value": "number",
        "expected": "number",
        "z_score": "number",
        "direction": "text",
        "observations": "integer",
    },
)

WATCHED: Final = Output(
    "anomaly_watch",
    "One row per metric and group: how many days could be judged, or why none could.",
    {
        "metric": "text",
        "group_name": "text",
        "days_judged": "integer",
        "anomalies": "integer",
        "reason": "text",
    },
)


class Anomalies(NamedTuple):
    """The two result frames: `anomalies` and `anomaly_watch`."""

    found: pd.DataFrame
    watched: pd.DataFrame


class _Metric(NamedTuple):
    """A daily ratio or count: its numerator, its denominator (None for a count), its scale."""

    name: str
    numerator: str
    denominator: str | None
    scale: str  # count, rate, log (a mean of long-tailed minutes) or mean
    is_of_desk: bool = True
    is_of_groups: bool = True


# What is created is the desk's volume; what arrives is a group's: created in it or handed to it.
METRICS: Final = (
    _Metric("created_tickets", "created_tickets", None, "count", is_of_groups=False),
    _Metric("arrived_tickets", "arrived_tickets", None, "count", is_of_desk=False),
    _Metric("first_reply_minutes", "first_reply_minutes_sum", "first_replies", "log"),
    _Metric("breach_rate", "breached_tickets", "judged_tickets", "rate"),
    _Metric("csat_score", "csat_score_sum", "ratings", "mean"),
)


def find_anomalies(
    daily: pd.DataFrame, as_of: datetime, holidays: AbstractSet[date] = frozenset()
) -> Anomalies:
    """Compare each whole day with the same weekday of the eight weeks before it.

    Expected is the median of those days, so one odd day in the baseline does not move it. The
    spread comes from the residuals of all days of thirteen weeks, each measured in what chance
    alone would give (Poisson for counts, binomial for rates, 1 / sqrt(n) for means): what their
    median says, or for rates and means their ninth decile if that is wider, so that neither a tenth
    of odd days moves it nor a metric with long tails is alarmed by them. It is widened for what a
    median of eight days and such a spread cannot know. Counts and rates never get less spread than
    chance. Where a metric's own |z| then have a longer tail than a normal variable's, they are
    shortened to it (`in_normal_deviations`), so that 3 is as rare as it says: a queue that runs
    full a few times a year is that metric's ordinary life. |z| >= 3 is an anomaly. Holidays are
    neither judged nor part of a baseline; a mean of fewer than five observations is not judged.

    Args:
        daily: `mart_daily_ops`, one row per date and group, summable columns.
        as_of: naive UTC; only whole days before it are judged.
        holidays: local dates to leave out.

    Returns:
        `anomalies`, newest first, in the metric's own unit (tickets, minutes, share, points), and
        `anomaly_watch` with one row per metric and group. Group All is the sum over groups;
        'created_tickets' is watched for it alone, 'arrived_tickets' for the groups alone.

    Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993 (robust z-scores).
    """
    if daily.empty:
        return Anomalies(
            ANOMALIES.frame(),
            WATCHED.frame(
                _watch(metric, TOTAL, 0, 0, "There are no days.")
                for metric in METRICS
                if metric.is_of_desk
            ),
        )
    frame = daily.assign(date=pd.to_datetime(daily["date"]))
    frame = frame[frame["date"] < pd.Timestamp(as_of).normalize()]
    frame = frame.assign(breached_tickets=frame["judged_tickets"] - frame["met_tickets"])
    found: list[dict[str, object]] = []
    watched: list[dict[str, object]] = []
    for metric in METRICS:
        over = _by_day(frame, metric.numerator)
        under = _by_day(frame, metric.denominator) if metric.denominator else None
        is_working = np.array([day.date() not in holidays for day in over.index], dtype=bool)
        for group in over.columns:
            if not (metric.is_of_desk if group == TOTAL else metric.is_of_groups):
                continue
            n = None if under is None else under[group].to_numpy()
            value, expected, z, seen = _judge(metric, over[group].to_numpy(), n, is_working)
            z = in_normal_deviations(z)
            odd = np.flatnonzero(np.abs(z) >= THRESHOLD)
            found += [
                {
                    "date": over.index[int(day)],
                    "metric": metric.name,
                    "group_name": group,
                    "value": value[day],
                    "expected": expected[day],
                    "z_score": z[day],
                    "direction": "high" if z[day] > 0 else "low",
                    "observations": seen[day],
                }
                for day in odd
            ]
            judged = int(np.isfinite(z).sum())
            watched.append(_watch(metric, group, judged, len(odd), _reason(judged, seen)))
    result = ANOMALIES.frame(found)
    order = ["date", "metric", "group_name"]
    result = result.sort_values(order, ascending=[False, True, True])
    return Anomalies(ANOMALIES.frame(result), WATCHED.frame(watched))


def _watch(
    metric: _Metric, group: str, judged: int, odd: int, reason: str | None
) -> dict[str, object]:
    return {
        "metric": metric.name,
        "group_name": group,
        "days_judged": judged,
        "anomalies": odd,
        "reason": reason,
    }


def _reason(judged: int, seen: Floats) -> str | None:
    if judged:
        return None
    if seen.sum() == 0:
        return "This source has no such observations."
    return (
        f"No day has {FEWEST_OBSERVATIONS} observations and {FEWEST_WEEKS} same weekdays before it."
    )


def _by_day(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Lay a summable column out as days x groups, All first, no gaps, missing as 0."""
    values = frame.assign(value=pd.to_numeric(frame[column], errors="coerce").astype(float))
    wide = values.pivot_table(
        index="date", columns="group_name", values="value", aggfunc="sum", dropna=False
    )
    if len(wide):
        wide = wide.reindex(pd.date_range(wide.index[0], wide.index[-1]))
    wide = wide.fillna(0.0)
    wide.insert(0, TOTAL, wide.sum(axis=1))
    return wide


def _judge(
    metric: _Metric, over: Floats, under: Floats | None, is_working: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Value, expected and z-score of each day (NaN where not judged), and its observations."""
    seen = over if under is None else under
    with np.errstate(divide="ignore", invalid="ignore"):
        value = over.copy() if under is None else np.where(under > 0, over / under, np.nan)
        usable = is_working if under is None else is_working & (under >= FEWEST_OBSERVATIONS)
        judged = np.where(usable, np.log(value) if metric.scale == "log" else value, np.nan)
    judged[~np.isfinite(judged)] = np.nan
    expected = _same_weekday_median(judged)
    residual = (judged - expected) / _chance(metric, expected, seen)
    spread = _rolling_spread(residual, is_count=metric.scale == "count")
    if metric.scale in {"count", "rate"}:
        spread = np.maximum(spread, 1.0)
    # A median of eight days is itself uncertain: its variance is pi / 2 / 8 of one day's.
    spread = np.maximum(spread, 1e-9) * np.sqrt(1 + np.pi / 2 / WEEKS)
    shown = np.exp(expected) if metric.scale == "log" else expected
    return value, shown, residual / spread, seen


def _same_weekday_median(values: Floats) -> Floats:
    """Median of the same weekday in the eight weeks before each day, the day itself left out."""
    frame = pd.DataFrame(
        {f"{week}": pd.Series(values).shift(7 * week) for week in range(1, WEEKS + 1)}
    )
    return np.asarray(
        frame.median(axis=1).where(frame.notna().sum(axis=1) >= FEWEST_WEEKS), dtype=float
    )


def _chance(metric: _Metric, expected: Floats, seen: Floats) -> Floats:
    """Standard deviation of a day by chance alone; for means in units of one observation."""
    if metric.scale == "count":
        return np.sqrt(np.maximum(expected, 1.0))
    n = np.maximum(seen, 1.0)
    if metric.scale == "rate":
        # With no breach in eight weeks the rate is small, not zero: half an observation.
        p = np.clip(expected, 0.5 / n, 1 - 0.5 / n)
        return np.asarray(np.sqrt(p * (1 - p) / n), dtype=float)
    return np.asarray(1 / np.sqrt(n), dtype=float)


def _rolling_spread(residual: Floats, *, is_count: bool) -> Floats:
    """Robust deviation of the residuals of the thirteen weeks before each day."""
    rolling = pd.Series(np.abs(residual)).shift(1).rolling(7 * SPREAD_WEEKS, min_periods=7 * 2)
    spread = np.asarray(rolling.median(), dtype=float) / HALF_WITHIN
    if not is_count:
        spread = np.fmax(spread, np.asarray(rolling.quantile(0.9), float) / NINE_TENTHS_WITHIN)
    return SPREAD_DOUBT * spread


def in_normal_deviations(z: Floats) -> Floats:
    """Shorten a series' tail to a normal variable's, by its own median and 95th percentile.

    Between the two, and beyond, |z| is taken to grow as a power of a normal variable's: a power of
    1 is a normal tail (left as it is, but for a scale beyond 1), more is a longer one, which is
    undone. A shorter tail is not stretched, and nothing becomes odder than it was.

    Args:
        z: scores of one metric and group, NaN where not judged.

    Returns:
        Scores of the same shape and sign; unchanged with under 40 of them.

    Source: Tukey's h distributions, in Hoaglin, Mosteller and Tukey, Exploring Data Tables, Trends,
    and Shapes, 1985, read off at two quantiles.
    """
    size = np.abs(z)
    known = size[np.isfinite(size)]
    if len(known) < FEWEST_OF_TAIL:
        return z
    middle, end = np.quantile(known, [0.5, TAIL_QUANTILE])
    if middle <= 0:
        return z
    power = max(np.log(end / middle) / np.log(TAIL_WITHIN / HALF_WITHIN), 1.0)
    end = max(end, TAIL_WITHIN)
    beyond = TAIL_WITHIN * (np.maximum(size, end) / end) ** (1 / power)
    return np.asarray(np.sign(z) * np.where(size > end, beyond, size * TAIL_WITHIN / end), float)


def in_words(metric: str, value: float, expected: float) -> str:
    """What was seen beside what is usual, such as "38 new tickets where 17 are usual"."""
    match metric:
        case "created_tickets":
            return f"{counted(value, 'new ticket')} where {expected:,.0f} are usual"
        case "arrived_tickets":
            return f"{counted(value, 'ticket')} came in where {expected:,.0f} are usual"
        case "first_reply_minutes":
            return f"{value:,.0f} minutes to the first reply where {expected:,.0f} are usual"
        case "breach_rate":
            return f"{value:.1%} of tickets missed SLA where {expected:.1%} is usual"
        case "csat_score":
            return f"CSAT {value:.2f} where {expected:.2f} is usual"
    raise ValueError(f"There are no words for {metric}.")
