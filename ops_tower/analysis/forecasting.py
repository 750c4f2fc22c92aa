"""How many tickets will come: Holt-Winters per group and in total, with a track record.

Belongs here: which series are forecast and by which model, and what a reader must know of it.
Does not belong here: the forecast from one origin (volume), its test and its bands (backtest), what
the volume means for staff (capacity), what was unusual (anomalies).
"""

from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from ops_tower.analysis.backtest import (
    FEWEST_ORIGINS,
    SHORTEST_DAYS,
    backtest,
    bands,
    coverage,
    in_sample,
    mase,
    origins,
    total_error,
)
from ops_tower.analysis.frames import Output
from ops_tower.analysis.smoothing import WEEK, Floats
from ops_tower.analysis.volume import (
    BY_HOLDER,
    HOLT_WINTERS,
    NAIVE,
    SETTLING_DAYS,
    TOTAL,
    Flags,
    History,
    Known,
    daily_counts,
    estimated_all,
    gaps,
    holiday_flags,
    predict,
    reconciled,
)

POOLED: Final = "Other groups"
HORIZON_DAYS: Final = 30
LONGEST_DAYS: Final = 730  # older days say little about next month and cost time
LONGEST_GAP_DAYS: Final = 28  # after a longer one, history begins anew
LARGEST_GROUPS: Final = 8  # the others are forecast together
SMALLEST_DAILY_MEAN: Final = 0.5  # tickets a day over the last eight weeks
SILENT_DAYS: Final = 28  # a desk without a ticket for this long gets no forecast

VOLUME_FORECAST: Final = Output(
    "volume_forecast",
    "One row per group (All is the total) and day ahead: new tickets expected.",
    {
        "group_name": "text",
        "date": "time",
        "forecast": "number",
        "lower_80": "number",
        "upper_80": "number",
        "lower_95": "number",
        "upper_95": "number",
        "model": "text",
    },
)

FORECAST_BACKTEST: Final = Output(
    "forecast_backtest",
    "One row per group: how well Holt-Winters did on held-out days, and the model that is used.",
    {
        "group_name": "text",
        "model": "text",
        "mase": "number",
        "coverage_80": "number",
        "coverage_95": "number",
        "origins": "integer",
        "mase_in_sample": "number",
        "horizon_days": "integer",
        "history_days": "integer",
        "cleaned_days": "integer",
        "gap_days": "integer",
        "horizon_total_error": "number",
        "reason": "text",
    },
)


class Forecast(NamedTuple):
    """The two result frames: `volume_forecast` and `forecast_backtest`."""

    volume: pd.DataFrame
    backtest: pd.DataFrame


class _Chosen(NamedTuple):
    """Days by series, total first, and why each group that has no series of its own has none."""

    counts: pd.DataFrame
    left_out: dict[str, str]


def forecast_volume(
    daily: pd.DataFrame,
    as_of: datetime,
    horizon: int = HORIZON_DAYS,
    holidays: AbstractSet[date] = frozenset(),
) -> Forecast:
    """Forecast daily new tickets in total and per group.

    Holt-Winters with additive weekly season and damped trend is fitted to a cleaned history
    (holidays, gaps and outliers replaced by their weekday's median); forecasts of groups and total
    are reconciled so that groups sum to the total; a holiday ahead gets past holidays' share of a
    normal day. Groups learn nothing from the newest week where tickets count for the group that
    holds them, because they may yet change hands. Rolling origins, ten days apart, judge the model
    against repeating last week. `mase` scales by that judge's error on the same held-out days, so
    that 1 is the point where last week does as well and is used instead; `mase_in_sample` scales by
    the judge's error one week ahead inside the history, as the measure was first defined. Bands are
    quantiles of the backtest's errors.

    Args:
        daily: `mart_daily_ops`, one row per date and group.
        as_of: naive UTC; only whole days before it count.
        horizon: days ahead.
        holidays: local dates on which the desk expects fewer tickets.

    Returns:
        `volume_forecast` from the day of `as_of` on, in tickets a day, and `forecast_backtest`.
        Under 28 days of history, or after 28 days without a ticket, there is no forecast and the
        backtest's row carries the reason. Groups under 0.5 tickets a day, those younger than 28
        days and those beyond the eight largest are forecast together as 'Other groups'.

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., ch. 5.8
    (MASE), 5.10 (rolling origin), 8.3 (Holt-Winters), 11 (reconciliation, weighted by variance).
    """
    counts = daily_counts(daily, as_of).iloc[-LONGEST_DAYS:]
    counts, note = _after_long_gaps(counts, holidays)
    if reason := _reason_for_none(counts):
        return Forecast(VOLUME_FORECAST.frame(), _without_forecast({TOTAL: reason}, len(counts)))
    chosen = _choose_series(counts)
    history = _history(chosen.counts, holidays, SETTLING_DAYS if BY_HOLDER in daily else 0)
    ahead = pd.date_range(counts.index[-1] + timedelta(days=1), periods=horizon)

    starts = origins(len(counts) - history.settling, horizon)
    errors = backtest(history, starts, horizon)
    scaled = mase(errors[HOLT_WINTERS], np.abs(errors[NAIVE].error))
    classic = mase(errors[HOLT_WINTERS], errors[HOLT_WINTERS].seasonal)
    used = [HOLT_WINTERS if own < 1 else NAIVE for own in scaled]
    known = history.until(len(counts))
    point = _points(known, used, holiday_flags(ahead, holidays))
    notes = [note, _gap_note(counts.index, history.is_gap)]
    rows, judged = [], []
    for place, name in enumerate(chosen.counts.columns):
        clean = known.clean[place]
        own = errors[used[place]].of_series(place)
        covered = coverage(own)
        past = own if len(starts) else in_sample(known.repeated[place], horizon)
        about = {"group_name": name, "model": used[place]}
        rows.append(
            pd.DataFrame(
                about | {"date": ahead, "forecast": point[place]} | {**bands(point[place], past)}
            )
        )
        judged.append(
            about
            | {
                "mase": scaled[place],
                "coverage_80": covered[0],
                "coverage_95": covered[1],
                "origins": len(starts),
                "mase_in_sample": classic[place],
                "horizon_days": horizon,
                "history_days": len(counts),
                "cleaned_days": (clean != history.actual[place, : len(clean)]).sum(),
                "gap_days": history.is_gap.sum(),
                "horizon_total_error": total_error(own),
                "reason": _together(_reason(used[place], len(starts), scaled[place]), *notes),
            }
        )
    tested = pd.concat(
        [FORECAST_BACKTEST.frame(judged), _without_forecast(chosen.left_out, len(counts))]
        if chosen.left_out
        else [FORECAST_BACKTEST.frame(judged)]
    )
    return Forecast(VOLUME_FORECAST.frame(pd.concat(rows)), FORECAST_BACKTEST.frame(tested))


def _points(known: Known, used: list[str], is_coming_holiday: Flags) -> Floats:
    """Forecast each series by its own model, and let groups sum to the total again."""
    smoothing = estimated_all(known)
    by_model = {model: predict(model, known, is_coming_holiday, smoothing) for model in {*used}}
    point = np.array([by_model[model][place] for place, model in enumerate(used)])
    return reconciled(point, known.noise)


def _history(counts: pd.DataFrame, holidays: AbstractSet[date], settling: int) -> History:
    is_gap = gaps(counts[TOTAL], holidays)
    is_holiday = holiday_flags(counts.index, holidays)
    return History(counts.to_numpy(dtype=float).T, is_holiday, is_gap, settling)


def _after_long_gaps(
    counts: pd.DataFrame, holidays: AbstractSet[date]
) -> tuple[pd.DataFrame, str | None]:
    """Let history begin with the first ticket after the last long gap, and say so."""
    arrived = np.flatnonzero(counts[TOTAL].to_numpy() > 0)
    if len(arrived) == 0:
        return counts, None
    counts = counts.iloc[arrived[0] :]
    is_gap = gaps(counts[TOTAL], holidays)
    edges = np.flatnonzero(np.diff(np.r_[False, is_gap, False].astype(int)))
    for first, past in reversed([*zip(edges[::2], edges[1::2], strict=True)]):
        if past - first >= LONGEST_GAP_DAYS and past < len(counts):
            note = f"History begins on {counts.index[past]:%-d %B %Y}, after {past - first} days"
            return counts.iloc[past:], f"{note} without a ticket."
    return counts, None


def _reason_for_none(counts: pd.DataFrame) -> str | None:
    """Say why there can be no forecast at all, if so."""
    arrived = np.flatnonzero(counts[TOTAL].to_numpy() > 0)
    if len(arrived) == 0:
        return "No new tickets on any whole day, so there is nothing to forecast."
    if len(counts) < SHORTEST_DAYS:
        return f"{len(counts)} whole days of history; a weekly pattern needs {SHORTEST_DAYS}."
    silent = len(counts) - 1 - int(arrived[-1])
    return f"No new ticket in the last {silent} days." if silent >= SILENT_DAYS else None


def _choose_series(counts: pd.DataFrame) -> _Chosen:
    """Keep the total and the groups that are large and old enough; pool the rest, and say why."""
    groups = counts.drop(columns=TOTAL)
    recent = groups.iloc[-8 * WEEK :].mean()
    age = len(groups) - (groups > 0).to_numpy().argmax(axis=0)
    age = pd.Series(np.where((groups > 0).any(), age, 0), groups.columns)
    order = sorted(recent.index, key=lambda name: (-recent[name], name))
    is_fit = (recent >= SMALLEST_DAILY_MEAN) & (age >= SHORTEST_DAYS)
    kept = [name for name in order if is_fit[name]][:LARGEST_GROUPS]
    left_out = sorted(name for name in order if name not in kept)
    is_pooled = bool(left_out) and recent[left_out].sum() > 0
    chosen = counts[[TOTAL, *sorted(kept)]]
    if is_pooled:
        chosen = chosen.assign(**{POOLED: groups[left_out].sum(axis=1)})
    return _Chosen(chosen, {name: _why_left_out(int(age[name]), is_pooled) for name in left_out})


def _why_left_out(age: int, is_pooled: bool) -> str:  # noqa: FBT001 - a fact, not a switch
    if not is_pooled or age == 0:
        return "No ticket starts in this group; what reaches it is planned from the total."
    if age < SHORTEST_DAYS:
        return f"{age} days since its first ticket, {SHORTEST_DAYS} needed; part of {POOLED}."
    return f"Too few tickets for a forecast of its own; part of {POOLED}."


def _gap_note(days: pd.Index, is_gap: Flags) -> str | None:
    """Say which days were taken for gaps in the data."""
    if not is_gap.any():
        return None
    gone = days[is_gap]
    span = f"{gone[0]:%-d %B %Y}" if len(gone) == 1 else f"{gone[0]:%-d %B} to {gone[-1]:%-d %B %Y}"
    return (
        f"{len(gone)} days without any ticket ({span}) were taken for gaps in the data: filled with"
        " their weekday's usual to learn from, and not judged."
    )


def _reason(model: str, tested: int, scaled: float) -> str | None:
    """Say what a reader must know about the model that is used."""
    if tested == 0:
        return "History is too short to test a month ahead, so last week is repeated, untested."
    if model == NAIVE and np.isnan(scaled):
        return "Last week is repeated: the history has no variation to judge a model by."
    if model == NAIVE:
        return f"Holt-Winters has MASE {scaled:.2f}, not under 1, so last week is repeated."
    if tested < FEWEST_ORIGINS:
        return f"Tested at {tested} origins only; history is short."
    return None


def _together(*sentences: str | None) -> str | None:
    return " ".join(sentence for sentence in sentences if sentence) or None


def _without_forecast(reasons: dict[str, str], days: int) -> pd.DataFrame:
    """Rows for groups without a forecast, each with its reason."""
    nothing = dict.fromkeys(FORECAST_BACKTEST.columns)
    return FORECAST_BACKTEST.frame(
        nothing | {"group_name": name, "history_days": days, "origins": 0, "reason": reason}
        for name, reason in reasons.items()
    )
