"""How many tickets will come: Holt-Winters per group and in total, with a track record.

Belongs here: which series are forecast, reconciling groups with the total, the rolling backtest,
bands from the backtest's own errors.
Does not belong here: fitting one series (smoothing), what the volume means for staff (capacity),
what was unusual (anomalies).
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ops_tower.analysis.frames import Output
from ops_tower.analysis.smoothing import WEEK, Floats, Smoothing, cleaned, estimated, holt_winters

# New tickets by the group that ends up holding them, where the mart has that: a group that only
# gets tickets by escalation has a volume too, and groups still sum to the total.
COUNTED: Final = ("created_tickets_by_holder", "created_tickets")
TOTAL: Final = "All"
POOLED: Final = "Other groups"
HORIZON_DAYS: Final = 30
SHORTEST_DAYS: Final = 28  # four seasons; below, there is no forecast
LONGEST_DAYS: Final = 730  # older days say little about next month and cost time
ORIGINS: Final = 10
ORIGIN_STEP_DAYS: Final = 10  # not a multiple of a week: origins fall on all weekdays
FEWEST_ORIGINS: Final = 6
REFIT_ORIGINS: Final = 3
LARGEST_GROUPS: Final = 8  # the others are forecast together
SMALLEST_DAILY_MEAN: Final = 0.5  # tickets a day over the last eight weeks
SILENT_DAYS: Final = 28  # a desk without a ticket for this long gets no forecast
CALIBRATION_ERRORS: Final = 28  # errors already known before a band is judged
HOLT_WINTERS: Final = "Holt-Winters"
NAIVE: Final = "seasonal naive"
LEVELS: Final = (0.80, 0.95)


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
        "horizon_total_error": "number",
        "reason": "text",
    },
)


class Forecast(NamedTuple):
    """The two result frames: `volume_forecast` and `forecast_backtest`."""

    volume: pd.DataFrame
    backtest: pd.DataFrame


class _Errors(NamedTuple):
    """Backtest of one model: arrays of shape (origins, series, horizon).

    `seasonal` is the mean error of repeating last week inside the history, the same for all days.
    """

    forecast: Floats
    error: Floats
    seasonal: Floats
    starts: npt.NDArray[np.int64]


class _Days(NamedTuple):
    """What is known at an origin: arrays (series, days), and holidays behind and ahead."""

    actual: Floats
    clean: Floats
    is_holiday: npt.NDArray[np.bool_]
    is_coming_holiday: npt.NDArray[np.bool_]


def forecast_volume(
    daily: pd.DataFrame,
    as_of: datetime,
    horizon: int = HORIZON_DAYS,
    holidays: AbstractSet[date] = frozenset(),
) -> Forecast:
    """Forecast daily new tickets in total and per group.

    Holt-Winters with additive weekly season and damped trend is fitted to a cleaned history
    (holidays and outliers replaced by their weekday's median); forecasts of groups and total are
    reconciled so that groups sum to the total; a holiday ahead gets past holidays' share of a
    normal day. Ten rolling origins, ten days apart, judge it against repeating last week. `mase`
    scales by that judge's error on the same held-out days, so that 1 is the point where last week
    does as well and is used instead; `mase_in_sample` scales by the judge's error one week ahead
    inside the history, as the measure was first defined. Bands are quantiles of the backtest's
    errors.

    Args:
        daily: `mart_daily_ops`, one row per date and group; the first of `COUNTED` is read.
        as_of: naive UTC; only whole days before it count.
        horizon: days ahead.
        holidays: local dates on which the desk expects fewer tickets.

    Returns:
        `volume_forecast` from the day of `as_of` on, in tickets a day, and `forecast_backtest`.
        Under 28 days of history, or after 28 days without a ticket, there is no forecast and the
        backtest's row carries the reason; groups under 0.5 tickets a day and those beyond the
        eight largest are forecast together as 'Other groups'.

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., ch. 5.8
    (MASE), 5.10 (rolling origin), 8.3 (Holt-Winters), 11 (reconciliation, weighted by variance).
    """
    counts = daily_counts(daily, as_of)
    if reason := _reason_for_none(counts):
        return Forecast(VOLUME_FORECAST.frame(), _backtest_rows([TOTAL], len(counts), reason))
    counts, left_out = _choose_series(counts.iloc[-LONGEST_DAYS:])
    is_holiday = np.array([day.date() in holidays for day in counts.index])
    ahead = pd.date_range(counts.index[-1] + timedelta(days=1), periods=horizon)
    actual = counts.to_numpy(dtype=float).T
    clean = np.array([cleaned(series, is_holiday) for series in actual])
    changed = (clean != actual).sum(axis=1)

    starts = _origins(actual.shape[1], horizon)
    errors = {
        model: _backtest(model, actual, is_holiday, starts, horizon)
        for model in (HOLT_WINTERS, NAIVE)
    }
    mase = _scaled(errors[HOLT_WINTERS].error, errors[NAIVE].error)
    used = [HOLT_WINTERS if own < 1 else NAIVE for own in mase]
    classic = _scaled(errors[HOLT_WINTERS].error, errors[HOLT_WINTERS].seasonal)
    coming = np.array([day.date() in holidays for day in ahead])
    days = _Days(actual, clean, is_holiday, coming)
    smoothing = [estimated(series) for series in clean]
    points = {model: _predict(model, days, smoothing) for model in errors}
    point = np.array([points[model][place] for place, model in enumerate(used)])
    point = _reconciled(point, _noise(clean))

    rows, judged = [], []
    for place, name in enumerate(counts.columns):
        own = _of_series(errors[used[place]], place)
        if len(starts) == 0:
            own = _in_sample(clean[place], horizon)
        bands = _bands(point[place], own.forecast, own.error)
        rows.append(
            pd.DataFrame(
                {"group_name": name, "date": ahead, "forecast": point[place], "model": used[place]}
                | dict(bands)
            )
        )
        covered = _coverage(own, len(starts))
        judged.append(
            {
                "group_name": name,
                "model": used[place],
                "mase": mase[place],
                "coverage_80": covered[0],
                "coverage_95": covered[1],
                "origins": len(starts),
                "mase_in_sample": classic[place],
                "horizon_days": horizon,
                "history_days": actual.shape[1],
                "cleaned_days": changed[place],
                "horizon_total_error": _total_error(own) if len(starts) else np.nan,
                "reason": _reason(used[place], len(starts), mase[place]),
            }
        )
    backtest = FORECAST_BACKTEST.frame(judged)
    if left_out:
        few = (
            "Too few tickets for a forecast of its own; part of Other groups."
            if POOLED in counts
            else "No ticket starts in this group; what reaches it is planned from the total."
        )
        rest = _backtest_rows(left_out, actual.shape[1], few)
        backtest = FORECAST_BACKTEST.frame(pd.concat([backtest, rest]))
    return Forecast(VOLUME_FORECAST.frame(pd.concat(rows)), backtest)


def daily_counts(daily: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    """Lay new tickets out as one row per whole day before `as_of` and one column per group.

    Returns:
        Floats, days without a ticket as 0, without gaps; first column All, then groups by name.
    """
    if daily.empty:
        return pd.DataFrame({TOTAL: pd.Series(dtype=float)})
    counted = next(column for column in COUNTED if column in daily)
    wide = daily.pivot_table(index="date", columns="group_name", values=counted, aggfunc="sum")
    wide.index = pd.to_datetime(wide.index)
    wide = wide[wide.index < pd.Timestamp(as_of).normalize()].astype(float)
    if len(wide):
        wide = wide.reindex(pd.date_range(wide.index[0], wide.index[-1]))
    wide = wide.fillna(0.0)
    wide.insert(0, TOTAL, wide.sum(axis=1))
    return wide


def _reason_for_none(counts: pd.DataFrame) -> str | None:
    """Say why there can be no forecast at all, if so."""
    arrived = np.flatnonzero(counts[TOTAL].to_numpy() > 0)
    if len(counts) == 0 or len(arrived) == 0:
        return "No new tickets on any whole day, so there is nothing to forecast."
    days = len(counts) - int(arrived[0])
    if days < SHORTEST_DAYS:
        return f"{days} whole days of history; a weekly pattern needs {SHORTEST_DAYS}."
    if len(counts) - 1 - arrived[-1] >= SILENT_DAYS:
        return f"No new ticket in the last {len(counts) - 1 - arrived[-1]} days."
    return None


def _choose_series(counts: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Keep the total and the groups large enough; pool the rest. Also name what was pooled."""
    recent = counts.drop(columns=TOTAL).iloc[-8 * WEEK :].mean()
    order = sorted(recent.index, key=lambda name: (-recent[name], name))
    kept = [name for name in order if recent[name] >= SMALLEST_DAILY_MEAN][:LARGEST_GROUPS]
    left_out = [name for name in order if name not in kept]
    chosen = counts[[TOTAL, *sorted(kept)]]
    if left_out and recent[left_out].sum() > 0:
        chosen = chosen.assign(**{POOLED: counts[left_out].sum(axis=1)})
    return chosen, sorted(left_out)


def _origins(days: int, horizon: int) -> npt.NDArray[np.int64]:
    """Lengths of the training histories, oldest first; closer together where history is short."""
    latest = days - horizon
    room = latest - SHORTEST_DAYS
    if room < 0:
        return np.array([], dtype=np.int64)
    step = max(1, min(ORIGIN_STEP_DAYS, room // (ORIGINS - 1)))
    starts = latest - step * np.arange(ORIGINS)
    return np.asarray(starts[starts >= SHORTEST_DAYS][::-1], dtype=np.int64)


def _backtest(
    model: str,
    actual: Floats,
    is_holiday: npt.NDArray[np.bool_],
    starts: npt.NDArray[np.int64],
    horizon: int,
) -> _Errors:
    """Forecast from each origin with what was known then, cleaning included; keep the errors.

    Smoothing parameters are estimated at every third origin and kept for the next two: they change
    slowly, and estimating them takes nine tenths of the time.
    """
    shape = (len(starts), len(actual), horizon)
    forecast, error, seasonal = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    smoothing: list[Smoothing] = []
    for place, start in enumerate(starts):
        known, ahead = slice(None, start), slice(start, start + horizon)
        clean = np.array([cleaned(series, is_holiday[known]) for series in actual[:, known]])
        if model == HOLT_WINTERS and place % REFIT_ORIGINS == 0:
            smoothing = [estimated(series) for series in clean]
        days = _Days(actual[:, known], clean, is_holiday[known], is_holiday[ahead])
        forecast[place] = _reconciled(_predict(model, days, smoothing), _noise(clean))
        error[place] = actual[:, ahead] - forecast[place]
        weekly = np.abs(actual[:, WEEK:start] - actual[:, : start - WEEK]).mean(axis=1)
        seasonal[place] = weekly[:, None]
    return _Errors(forecast, error, seasonal, starts)


def _predict(model: str, days: _Days, smoothing: Sequence[Smoothing]) -> Floats:
    """Forecast each series, shape (series, horizon), never below 0."""
    horizon = len(days.is_coming_holiday)
    if model == NAIVE:
        repeats = -(-horizon // WEEK)
        return np.asarray(np.tile(days.actual[:, -WEEK:], repeats)[:, :horizon], dtype=float)
    points = np.array(
        [holt_winters(own, horizon, how) for own, how in zip(days.clean, smoothing, strict=True)]
    )
    if days.is_coming_holiday.any() and days.is_holiday.any():
        usual = days.clean[:, days.is_holiday].sum(axis=1)
        seen = days.actual[:, days.is_holiday].sum(axis=1)
        share = np.where(usual > 0, seen / np.maximum(usual, 1e-9), 1.0)
        points[:, days.is_coming_holiday] *= share[:, None]
    return np.asarray(np.maximum(points, 0.0), dtype=float)


def _reconciled(point: Floats, variance: Floats) -> Floats:
    """Make groups (rows 1..) sum to the total (row 0), moving most what is known least.

    With one total over n groups, least squares weighted by the inverse variance has this closed
    form: the gap is shared out in proportion to variance, the total taking its own part.
    """
    if len(point) == 1:
        return np.maximum(point, 0.0)
    gap = point[0] - point[1:].sum(axis=0)
    groups = point[1:] + gap * (variance[1:] / variance.sum())[:, None]
    groups = np.maximum(groups, 0.0)
    return np.vstack([groups.sum(axis=0), groups])


def _noise(clean: Floats) -> Floats:
    """Variance of each series' differences to the same weekday before, never 0."""
    return np.asarray((clean[:, WEEK:] - clean[:, :-WEEK]).var(axis=1) + 1e-9, dtype=float)


def _scaled(error: Floats, judge: Floats) -> Floats:
    """Mean absolute error per series over the judge's; NaN without origins or a judge's error."""
    if len(error) == 0:
        return np.full(error.shape[1], np.nan)
    own, other = (np.abs(errors).mean(axis=(0, 2)) for errors in (error, judge))
    return np.asarray(own / np.where(other > 0, other, np.nan), dtype=float)


def _of_series(errors: _Errors, place: int) -> _Errors:
    """The same errors, one series: arrays of shape (origins, horizon)."""
    return _Errors(
        errors.forecast[:, place], errors.error[:, place], errors.seasonal[:, place], errors.starts
    )


def _in_sample(series: Floats, horizon: int) -> _Errors:
    """Stand-in where history is too short to test: last week's differences, per day ahead."""
    difference = series[WEEK:] - series[:-WEEK]
    error = np.resize(difference, (max(1, len(difference) // horizon), horizon))
    forecast = np.resize(series[:-WEEK], error.shape)
    return _Errors(forecast, error, np.abs(error), np.zeros(len(error), dtype=np.int64))


def _quantiles(forecast: Floats, error: Floats) -> Floats:
    """Quantiles of errors in units of the forecast's own Poisson deviation, for both levels."""
    scaled = error / np.sqrt(np.maximum(forecast, 1.0))
    tails = [(1 - level) / 2 for level in LEVELS]
    return np.quantile(scaled, [tails[0], 1 - tails[0], tails[1], 1 - tails[1]])


def _bands(point: Floats, forecast: Floats, error: Floats) -> Mapping[str, Floats]:
    """Bands around new points from the errors of old ones."""
    unit = np.sqrt(np.maximum(point, 1.0))
    quantiles = _quantiles(forecast, error)
    names = ("lower_80", "upper_80", "lower_95", "upper_95")
    return {
        name: np.maximum(np.minimum(point + q * unit, point), 0.0)
        if name.startswith("lower")
        else np.maximum(point + q * unit, point)
        for name, q in zip(names, quantiles, strict=True)
    }


def _coverage(errors: _Errors, origins: int) -> tuple[float, float]:
    """Share of held-out days inside bands made only of errors known at each origin."""
    inside: list[Floats] = []
    horizon = errors.error.shape[1]
    due = errors.starts[:, None] + np.arange(horizon)
    for place in range(origins):
        known = due < errors.starts[place]
        if known.sum() < CALIBRATION_ERRORS:
            continue
        quantiles = _quantiles(errors.forecast[known], errors.error[known])
        unit = np.sqrt(np.maximum(errors.forecast[place], 1.0))
        scaled = errors.error[place] / unit
        inside.append(
            np.array(
                [
                    (scaled >= quantiles[0]) & (scaled <= quantiles[1]),
                    (scaled >= quantiles[2]) & (scaled <= quantiles[3]),
                ],
                dtype=float,
            )
        )
    if not inside:
        return float("nan"), float("nan")
    shares = np.concatenate(inside, axis=1).mean(axis=1)
    return float(shares[0]), float(shares[1])


def _total_error(errors: _Errors) -> float:
    """Root mean square of the relative error of the sum over the horizon."""
    sums = errors.forecast.sum(axis=1)
    relative = errors.error.sum(axis=1) / np.maximum(sums, 1.0)
    return float(np.sqrt(np.mean(relative**2)))


def _reason(model: str, origins: int, mase: float) -> str | None:
    """Say what a reader must know about the model that is used."""
    if origins == 0:
        return "History is too short to test a month ahead, so last week is repeated, untested."
    if model == NAIVE and np.isnan(mase):
        return "Last week is repeated: the history has no variation to judge a model by."
    if model == NAIVE:
        return f"Holt-Winters has MASE {mase:.2f}, not under 1, so last week is repeated."
    if origins < FEWEST_ORIGINS:
        return f"Tested at {origins} origins only; history is short."
    return None


def _backtest_rows(names: list[str], days: int, reason: str) -> pd.DataFrame:
    """Rows for groups without a forecast, each with its reason."""
    nothing = dict.fromkeys(FORECAST_BACKTEST.columns)
    return FORECAST_BACKTEST.frame(
        nothing | {"group_name": name, "history_days": days, "origins": 0, "reason": reason}
        for name in names
    )
