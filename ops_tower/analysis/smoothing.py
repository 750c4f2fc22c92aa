"""One daily series: the history as it should be learnt from, and Holt-Winters run over it.

Belongs here: replacing holidays and outliers, estimating and running the smoothing.
Does not belong here: several series together, backtests and bands (forecasting).
"""

import warnings
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Smoothing = dict[str, float]

WEEK: Final = 7
OUTLIER: Final = 4.0  # robust deviations from the weekday's median; only for fitting
SHIFT_DAYS: Final = 4  # days of a week that are off together from which on the level has shifted


def cleaned(series: Floats, is_set_aside: npt.NDArray[np.bool_]) -> Floats:
    """Replace days set aside and outliers by the median of their weekday in nine weeks around them.

    Args:
        series: counts, one a day.
        is_set_aside: one flag a day: holidays, and days that the data lacks.

    Returns:
        The series to fit to. An outlier is four robust deviations off, in units of the Poisson
        deviation of its weekday's median, and never nearer than four of those. Where four of seven
        days are off to the same side it is not the days that are odd but the level that is new, and
        they stay.
    """
    days = np.arange(len(series))
    typical = np.empty_like(series)
    for weekday in range(WEEK):
        own = days[weekday::WEEK]
        usual = pd.Series(np.where(is_set_aside[own], np.nan, series[own]))
        rolled = usual.rolling(9, center=True, min_periods=1).median()
        typical[own] = rolled.bfill().ffill().fillna(series[own].mean()).to_numpy()
    scaled = (series - typical) / np.sqrt(np.maximum(typical, 1.0))
    kept = scaled[~is_set_aside]
    spread = 1.4826 * float(np.median(np.abs(kept))) if len(kept) else 0.0
    far = np.where(is_set_aside, 0.0, scaled / (OUTLIER * max(spread, 1.0)))
    is_odd = (_isolated(far > 1)) | (_isolated(far < -1))
    return np.where(is_set_aside | is_odd, typical, series)


def _isolated(is_off: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Keep the flags that lie in no seven days of which four are flagged."""
    in_week = pd.Series(is_off.astype(float)).rolling(WEEK, min_periods=1).sum()
    most = in_week[::-1].rolling(WEEK, min_periods=1).max()[::-1].to_numpy()
    return np.asarray(is_off & (most < SHIFT_DAYS), dtype=bool)


def estimated(series: Floats) -> Smoothing:
    """Estimate a series' smoothing parameters by least squares; none for a constant series.

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., ch. 8.3.
    """
    if np.ptp(series) == 0:
        return {}
    from statsmodels.tools.sm_exceptions import ConvergenceWarning  # noqa: PLC0415 - 3 s to import

    with warnings.catch_warnings():
        # A fit that stopped early is judged by the backtest like any other.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # The grid search before the optimiser takes four fifths of the time and finds the same.
        found = _model(series).fit(use_brute=False).params
    names = ("smoothing_level", "smoothing_trend", "smoothing_seasonal", "damping_trend")
    return {name: float(found[name]) for name in names}


def holt_winters(series: Floats, horizon: int, smoothing: Smoothing) -> Floats:
    """Run known parameters over a series and forecast it; a constant series stays what it is.

    Args:
        series: counts, one a day, cleaned.
        horizon: days ahead.
        smoothing: as `estimated` returns it, perhaps from a shorter history.

    Returns:
        `horizon` expected counts; may be below 0.
    """
    if np.ptp(series) == 0 or not smoothing:
        return np.full(horizon, series[-WEEK:].mean())
    fitted = _model(series).fit(**smoothing, optimized=False)
    return np.asarray(fitted.forecast(horizon), dtype=float)


def _model(series: Floats) -> Any:  # noqa: ANN401 - statsmodels has no types
    """Holt-Winters with additive weekly season and damped additive trend."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: PLC0415 - 3 s to import

    return ExponentialSmoothing(
        series,
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=WEEK,
        initialization_method="heuristic",
    )
