"""How good a forecast of daily volume would have been before: rolling origins, MASE, bands.

Belongs here: past forecasts made with what was known then, their errors, bands made of errors and
how often bands held.
Does not belong here: making one forecast (volume), which model is used and what is said
(forecasting).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ops_tower.analysis.smoothing import WEEK, Floats, Smoothing
from ops_tower.analysis.volume import HOLT_WINTERS, NAIVE, Flags, History, estimated_all, predict

SHORTEST_DAYS: Final = 28  # four seasons; with less, nothing is learnt
ORIGINS: Final = 20
ORIGIN_STEP_DAYS: Final = 10  # not a multiple of a week: origins fall on all weekdays
FEWEST_ORIGINS: Final = 6
REFIT_ORIGINS: Final = 6
CALIBRATION_ERRORS: Final = 28  # errors already known before a band is judged
LEVELS: Final = (0.80, 0.95)


class Errors(NamedTuple):
    """Backtest of one model: arrays of shape (origins, series, horizon).

    `error` is actual less forecast, NaN on days that the data lacks. `seasonal`, of shape
    (origins, series), is the mean error of repeating last week inside the history. `starts` are the
    histories' lengths.
    """

    forecast: Floats
    error: Floats
    seasonal: Floats
    starts: npt.NDArray[np.int64]

    def of_series(self, place: int) -> "Errors":
        """Keep one series: arrays of shape (origins, 1, horizon)."""
        one = slice(place, place + 1)
        return Errors(self.forecast[:, one], self.error[:, one], self.seasonal[:, one], self.starts)


def origins(days: int, horizon: int) -> npt.NDArray[np.int64]:
    """Lengths of the training histories, oldest first; closer together where history is short."""
    latest = days - horizon
    room = latest - SHORTEST_DAYS
    if room < 0:
        return np.array([], dtype=np.int64)
    step = max(1, min(ORIGIN_STEP_DAYS, room // (ORIGINS - 1)))
    starts = latest - step * np.arange(ORIGINS)
    return np.asarray(starts[starts >= SHORTEST_DAYS][::-1], dtype=np.int64)


def backtest(history: History, starts: npt.NDArray[np.int64], horizon: int) -> dict[str, Errors]:
    """Forecast from each origin with what was known then, cleaning included; keep the errors.

    Smoothing parameters are estimated at every few origins and kept for the next: they change
    slowly, and estimating them takes nine tenths of the time.

    Args:
        history: all of it.
        starts: as `origins` returns them.
        horizon: days ahead.

    Returns:
        The errors of `HOLT_WINTERS` and of `NAIVE`, from the same origins.
    """
    shape = (len(starts), len(history.actual), horizon)
    forecast = {model: np.zeros(shape) for model in (HOLT_WINTERS, NAIVE)}
    actual, seasonal = np.zeros(shape), np.zeros(shape[:2])
    smoothing: list[Smoothing] = []
    for place, start in enumerate(starts):
        known, ahead = history.until(start), slice(start, start + horizon)
        if place % REFIT_ORIGINS == 0:
            smoothing = estimated_all(known)
        for model, points in forecast.items():
            points[place] = predict(model, known, history.is_holiday[ahead], smoothing)
        actual[place] = np.where(history.is_gap[ahead], np.nan, history.actual[:, ahead])
        seasonal[place] = [
            np.abs(repeated[WEEK:] - repeated[:-WEEK]).mean() for repeated in known.repeated
        ]
    return {
        model: Errors(points, actual - points, seasonal, starts)
        for model, points in forecast.items()
    }


def mase(errors: Errors, judge: Floats) -> Floats:
    """Mean absolute error per series over the judge's; NaN without origins or a judge's error.

    Args:
        errors: of the model.
        judge: absolute errors of the judge, shape (origins, series) or (origins, series, horizon).
    """
    if len(errors.error) == 0:
        return np.full(errors.error.shape[1], np.nan)
    own = np.nanmean(np.abs(errors.error), axis=(0, 2))
    axes = (0, 2) if judge.ndim == errors.error.ndim else 0
    other = np.nanmean(judge, axis=axes)
    return np.asarray(own / np.where(other > 0, other, np.nan), dtype=float)


def in_sample(series: Floats, horizon: int) -> Errors:
    """Stand-in where history is too short to test: last week's differences, per day ahead."""
    difference = series[WEEK:] - series[:-WEEK]
    error = np.resize(difference, (max(1, len(difference) // horizon), 1, horizon))
    forecast = np.resize(series[:-WEEK], error.shape)
    return Errors(forecast, error, np.abs(error).mean(axis=2), np.zeros(len(error), np.int64))


def bands(point: Floats, errors: Errors) -> Mapping[str, Floats]:
    """Bands around new points from the errors of old ones; never below 0, never off the point."""
    unit = np.sqrt(np.maximum(point, 1.0))
    quantiles = _quantiles(errors.forecast, errors.error)
    names = ("lower_80", "upper_80", "lower_95", "upper_95")
    return {
        name: np.maximum(np.minimum(point + q * unit, point), 0.0)
        if name.startswith("lower")
        else np.maximum(point + q * unit, point)
        for name, q in zip(names, quantiles, strict=True)
    }


def coverage(errors: Errors) -> tuple[float, float]:
    """Share of held-out days inside bands made only of errors known at each origin.

    Args:
        errors: of one series.

    Returns:
        For the 80 % and the 95 % band; NaN where no origin knew enough errors.
    """
    forecast, error = errors.forecast[:, 0], errors.error[:, 0]
    due = errors.starts[:, None] + np.arange(error.shape[1])
    inside: list[Flags] = []
    for place, start in enumerate(errors.starts):
        is_known = (due < start) & ~np.isnan(error)
        if is_known.sum() < CALIBRATION_ERRORS:
            continue
        low_80, high_80, low_95, high_95 = _quantiles(forecast[is_known], error[is_known])
        scaled = error[place] / np.sqrt(np.maximum(forecast[place], 1.0))
        scaled = scaled[~np.isnan(scaled)]
        inside.append(
            np.array(
                [
                    (scaled >= low_80) & (scaled <= high_80),
                    (scaled >= low_95) & (scaled <= high_95),
                ]
            )
        )
    if not inside:
        return float("nan"), float("nan")
    shares = np.concatenate(inside, axis=1).mean(axis=1)
    return float(shares[0]), float(shares[1])


def total_error(errors: Errors) -> float:
    """Root mean square of the relative error of a series' sum over the horizon; NaN untested."""
    if len(errors.error) == 0:
        return float("nan")
    known = ~np.isnan(errors.error)
    sums = np.where(known, errors.forecast, 0.0).sum(axis=2)
    relative = np.nansum(errors.error, axis=2) / np.maximum(sums, 1.0)
    return float(np.sqrt(np.mean(relative**2)))


def _quantiles(forecast: Floats, error: Floats) -> Floats:
    """Quantiles of errors in units of the forecast's own Poisson deviation, for both levels."""
    scaled = error / np.sqrt(np.maximum(forecast, 1.0))
    tails = [(1 - level) / 2 for level in LEVELS]
    wanted = [tails[0], 1 - tails[0], tails[1], 1 - tails[1]]
    return np.asarray(np.quantile(scaled[~np.isnan(scaled)], wanted), dtype=float)
