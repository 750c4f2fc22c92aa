"""New tickets by day and group, and one forecast of them all from what is known at one origin.

Belongs here: laying days out, gaps in the data, predicting several series together so that groups
sum to the total.
Does not belong here: one series' smoothing (smoothing), past forecasts and bands (backtest), which
groups get a forecast and what is said about it (forecasting).
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ops_tower.analysis.smoothing import WEEK, Floats, Smoothing, cleaned, estimated, holt_winters

Flags = npt.NDArray[np.bool_]

TOTAL: Final = "All"
# New tickets by the group that ends up holding them, where the mart has that: a group that only
# gets tickets by escalation has a volume too, and groups still sum to the total.
BY_HOLDER: Final = "created_tickets_by_holder"
BY_FIRST_GROUP: Final = "created_tickets"
# A ticket of the newest days may yet change hands, so those days would count it for a group that
# will not keep it. A whole week, so that the weekly pattern stays in step.
SETTLING_DAYS: Final = WEEK
HOLT_WINTERS: Final = "Holt-Winters"
NAIVE: Final = "seasonal naive"
# Tickets that would have come in a stretch without any: at 12 the chance of none is 6 in a million.
SURELY_EXPECTED: Final = 12.0


class History(NamedTuple):
    """New tickets by series and day: the total in row 0, groups after it.

    `actual` has shape (series, days); the flags have shape (days,). Rows after the first know
    nothing of the newest `settling` days.
    """

    actual: Floats
    is_holiday: Flags
    is_gap: Flags
    settling: int

    def until(self, day: int) -> "Known":
        """Work out what each series teaches at an origin, as far as it has settled.

        Args:
            day: days before the origin; what is later stays unseen, in cleaning too.
        """
        is_set_aside = self.is_holiday | self.is_gap
        repeated, clean, share = [], [], []
        for place, series in enumerate(self.actual):
            known = slice(None, day - (self.settling if place else 0))
            fit = cleaned(series[known], is_set_aside[known])
            repeated.append(np.where(is_set_aside[known], fit, series[known]))
            clean.append(fit)
            is_holiday = (self.is_holiday & ~self.is_gap)[known]
            usual = float(fit[is_holiday].sum())
            share.append(float(series[known][is_holiday].sum()) / usual if usual > 0 else 1.0)
        noise = np.array([(fit[WEEK:] - fit[:-WEEK]).var() + 1e-9 for fit in clean])
        return Known(day, repeated, clean, np.array(share), noise)


class Known(NamedTuple):
    """What each series teaches at an origin `day` days into the history.

    `repeated` and `clean` hold one array per series, as long as it has settled; days of holiday or
    gap are their weekday's usual in both, outliers in the latter. `holiday_share` is what holidays
    brought of a normal day (1 without any), `noise` the variance of the differences to the same
    weekday before, never 0.
    """

    day: int
    repeated: list[Floats]
    clean: list[Floats]
    holiday_share: Floats
    noise: Floats


def daily_counts(daily: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    """Lay new tickets out as one row per whole day before `as_of` and one column per group.

    Args:
        daily: `mart_daily_ops`; tickets by holder are read, or by first group without that column.
        as_of: naive UTC.

    Returns:
        Floats, days without a ticket as 0, without gaps; first column All, then groups by name.
    """
    if daily.empty:
        return pd.DataFrame({TOTAL: pd.Series(dtype=float)})
    counted = BY_HOLDER if BY_HOLDER in daily else BY_FIRST_GROUP
    wide = daily.pivot_table(index="date", columns="group_name", values=counted, aggfunc="sum")
    wide.index = pd.to_datetime(wide.index)
    wide = wide[wide.index < pd.Timestamp(as_of).normalize()].astype(float)
    if len(wide):
        wide = wide.reindex(pd.date_range(wide.index[0], wide.index[-1]))
    wide = wide.fillna(0.0)
    wide.insert(0, TOTAL, wide.sum(axis=1))
    return wide


def gaps(total: pd.Series, holidays: AbstractSet[date]) -> Flags:
    """Flag days that the data most likely lacks: no ticket at all where many would have come.

    A stretch without a ticket is a gap if the same weekdays of all other days would have brought
    at least 12; holidays explain themselves.

    Args:
        total: new tickets of the whole desk by day.
        holidays: days on which few or none are expected.

    Returns:
        One flag a day.
    """
    is_holiday = holiday_flags(total.index, holidays)
    is_empty = (total.to_numpy() == 0) & ~is_holiday
    weekday = np.arange(len(total)) % WEEK
    is_gap = np.zeros(len(total), dtype=bool)
    edges = np.flatnonzero(np.diff(np.r_[False, is_empty, False].astype(int)))
    for first, past in zip(edges[::2], edges[1::2], strict=True):
        is_other = np.ones(len(total), dtype=bool)
        is_other[first:past] = False
        usual = [total.to_numpy()[is_other & (weekday == place)] for place in range(WEEK)]
        means = np.array([days.mean() if len(days) else 0.0 for days in usual])
        is_gap[first:past] = means[weekday[first:past]].sum() >= SURELY_EXPECTED
    return is_gap


def holiday_flags(days: pd.Index, holidays: AbstractSet[date]) -> Flags:
    """Flag the days that are holidays."""
    return np.array([day.date() in holidays for day in days], dtype=bool)


def estimated_all(known: Known) -> list[Smoothing]:
    """Estimate every series' smoothing parameters."""
    return [estimated(clean) for clean in known.clean]


def predict(
    model: str, known: Known, is_coming_holiday: Flags, smoothing: Sequence[Smoothing]
) -> Floats:
    """Forecast every series, groups summing to the total, never below 0.

    A holiday ahead gets past holidays' share of a normal day, in both models.

    Args:
        model: `HOLT_WINTERS` or `NAIVE`, which repeats the newest week.
        known: at the origin.
        is_coming_holiday: one flag per day ahead.
        smoothing: as `estimated_all` returns it, perhaps from an earlier origin; `NAIVE` takes
            none.

    Returns:
        Expected counts, shape (series, days ahead).
    """
    horizon = len(is_coming_holiday)
    points = np.zeros((len(known.clean), horizon))
    for place, (repeated, clean) in enumerate(zip(known.repeated, known.clean, strict=True)):
        late = known.day - len(clean)
        if model == NAIVE:
            weeks = -(-(late + horizon) // WEEK)
            points[place] = np.tile(repeated[-WEEK:], weeks)[late : late + horizon]
        else:
            points[place] = holt_winters(clean, late + horizon, smoothing[place])[late:]
        points[place, is_coming_holiday] *= known.holiday_share[place]
    return reconciled(np.maximum(points, 0.0), known.noise)


def reconciled(point: Floats, variance: Floats) -> Floats:
    """Make groups (rows 1..) sum to the total (row 0), moving most what is known least.

    With one total over n groups, least squares weighted by the inverse variance has this closed
    form: the gap is shared out in proportion to variance, the total taking its own part.

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., ch. 11.
    """
    if len(point) == 1:
        return np.maximum(point, 0.0)
    gap = point[0] - point[1:].sum(axis=0)
    groups = point[1:] + gap * (variance[1:] / variance.sum())[:, None]
    groups = np.maximum(groups, 0.0)
    return np.vstack([groups.sum(axis=0), groups])
