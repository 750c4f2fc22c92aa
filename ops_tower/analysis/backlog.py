"""Whether the work that waits will outgrow what customers were promised, and when.

Belongs here: the backlog of each group day by day under the forecast, and its band.
Does not belong here: agent-days of a whole month (capacity), the volume itself (forecasting).
"""

from collections.abc import Set as AbstractSet
from datetime import date, datetime
from math import erf, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ops_tower.analysis.capacity import TOTAL, Z_80, minutes_per_ticket
from ops_tower.analysis.frames import Output, total

RESOLUTION: Final = "total_resolution_time"
# Volumes to try, in deviations of the forecast's error: fine enough for whole per cents.
DEVIATIONS: Final = np.linspace(-4, 4, 321)

LIKELY: Final = 0.5  # more likely than not

Floats = npt.NDArray[np.float64]

BACKLOG_PROJECTION: Final = Output(
    "backlog_projection",
    "One row per group with known staff and day ahead: work waiting, in days of the group's work.",
    {
        "group_name": "text",
        "date": "time",
        "backlog_days": "number",
        "lower_80": "number",
        "upper_80": "number",
        "window_days": "number",
        "outgrow_probability": "number",
        "backlog_tickets": "number",
    },
)


BACKLOG_OUTLOOK: Final = Output(
    "backlog_outlook",
    "One row per group with known staff: when its backlog outgrows the promise, and how likely.",
    {
        "group_name": "text",
        "outgrows_on": "time",
        "outgrow_probability": "number",
        "backlog_days": "number",
        "last_backlog_days": "number",
        "window_days": "number",
        "horizon_days": "integer",
        "reason": "text",
    },
)


def sla_windows(target_risk: pd.DataFrame) -> dict[str, float]:
    """Hours within which tickets in a group must be resolved: the median target, by time held.

    Args:
        target_risk: `mart_target_risk`; each 5 % of a resolution target's time that passed in the
            group counts once, also where the target began in another group.

    Returns:
        Hours of the target's clock by group; without resolution targets, nothing.
    """
    held = target_risk[target_risk["metric"] == RESOLUTION].sort_values("target_seconds")
    windows = {}
    for name, own in held.groupby("group_name"):
        reached = own["reached"].astype(float).cumsum()
        place = int(np.searchsorted(reached.to_numpy(), reached.iloc[-1] / 2))
        windows[str(name)] = float(own["target_seconds"].iloc[place]) / 3600
    return windows


def project_backlog(  # noqa: PLR0913, PLR0917 - the plan's sources, the promise and the calendar
    volume_forecast: pd.DataFrame,
    backtest: pd.DataFrame,
    daily: pd.DataFrame,
    capacity: pd.DataFrame,
    windows: dict[str, float],
    as_of: datetime,
    holidays: AbstractSet[date] = frozenset(),
) -> pd.DataFrame:
    """Let each group's backlog run on: forecast work comes in, planned staff work it off.

    Each weekday staff work off FTE x hours x (1 - shrinkage) x occupancy; each day the desk's
    forecast tickets bring the group's minutes per ticket. The volume of the whole month is
    uncertain by the backtest's error, so the band is the same run at other volumes. Served in
    turn, a ticket waits as many weekdays as there are days of work before it; the promise in
    weekdays is its hours over those that the group's schedule is open on one.

    Args:
        volume_forecast: as `forecasting.forecast_volume` returns it; All is read.
        backtest: its second frame; `horizon_total_error` of All is read, unknown counts as none.
        daily: `mart_daily_ops`.
        capacity: `mart_capacity`; groups with NULL fte are left out.
        windows: hours promised, by group, as `sla_windows` returns them.
        as_of: naive UTC.
        holidays: weekdays that the staff do not work.

    Returns:
        `backlog_projection`: `backlog_days` of the group's own work days, `window_days` the promise
        in the same unit, `outgrow_probability` that the backlog is longer than the promise on that
        day. NULL where a group has no resolution target. No rows where work or staff are unknown.
    """
    coming = volume_forecast[volume_forecast["group_name"] == TOTAL].sort_values("date")
    minutes = minutes_per_ticket(daily, as_of)
    error = backtest.loc[backtest["group_name"] == TOTAL, "horizon_total_error"]
    spread = float(error.fillna(0.0).iloc[0]) if len(error) else 0.0
    is_working = np.array(
        [day.weekday() < 5 and day.date() not in holidays for day in coming["date"]]  # noqa: PLR2004 - Saturday
    )
    parts = []
    for _, staff in capacity[capacity["fte"].notna()].sort_values("group_name").iterrows():
        name = str(staff["group_name"])
        worked = float(
            60
            * staff["fte"]
            * staff["hours_per_day"]
            * (1 - staff["shrinkage"])
            * staff["target_occupancy"]
        )
        if name not in minutes or coming.empty or not worked > 0:
            continue
        per_ticket, waiting = _waiting(daily[daily["group_name"] == name], as_of)
        volumes = np.maximum(1 + spread * DEVIATIONS, 0.0)[:, None]
        arriving = volumes * coming["forecast"].to_numpy(float) * minutes[name]
        run = _run(waiting * per_ticket, arriving, np.where(is_working, worked, 0.0)) / worked
        at = {z: run[int(np.argmin(np.abs(DEVIATIONS - z)))] for z in (-Z_80, 0.0, Z_80)}
        window = windows.get(name, np.nan) / float(staff["open_hours_per_weekday"])
        parts.append(
            pd.DataFrame(
                {
                    "group_name": name,
                    "date": coming["date"].to_numpy(),
                    "backlog_days": at[0.0],
                    "lower_80": at[-Z_80],
                    "upper_80": at[Z_80],
                    "window_days": window,
                    "outgrow_probability": _probability(run, window, spread),
                    "backlog_tickets": at[0.0] * worked / per_ticket if per_ticket else np.nan,
                }
            )
        )
    return BACKLOG_PROJECTION.frame(pd.concat(parts) if parts else None)


def outlook(projection: pd.DataFrame) -> pd.DataFrame:
    """Sum a projection up: when each group's backlog outgrows the promise, and how likely.

    Args:
        projection: as `project_backlog` returns it.

    Returns:
        `backlog_outlook`. `outgrows_on` is the first day on which it is more likely than not, NULL
        if there is none; `outgrow_probability` is that of the worst day. NULL with a reason where
        the group has no resolution target.
    """
    rows = []
    for name, own in projection.groupby("group_name"):
        ahead = own.sort_values("date")
        chance = ahead["outgrow_probability"]
        likely = ahead.loc[chance >= LIKELY, "date"]
        is_promised = bool(chance.notna().any())
        rows.append(
            {
                "group_name": name,
                "outgrows_on": likely.iloc[0] if len(likely) else pd.NaT,
                "outgrow_probability": chance.max(),
                "backlog_days": ahead["backlog_days"].iloc[0],
                "last_backlog_days": ahead["backlog_days"].iloc[-1],
                "window_days": ahead["window_days"].iloc[0],
                "horizon_days": len(ahead),
                "reason": None if is_promised else "The group has no resolution target.",
            }
        )
    return BACKLOG_OUTLOOK.frame(rows)


def _waiting(own: pd.DataFrame, as_of: datetime) -> tuple[float, float]:
    """Minutes of work per ticket that a group finishes, and tickets that wait in it now."""
    known = own[pd.to_datetime(own["date"]) < pd.Timestamp(as_of)].sort_values("date")
    if known.empty:
        return 0.0, 0.0
    finished = total(known["solved_tickets"])
    per_ticket = total(known["handle_minutes"]) / finished if finished else 0.0
    return per_ticket, float(known["backlog_tickets"].iloc[-1])


def _run(start: float, arriving: Floats, worked: Floats) -> Floats:
    """Backlog in minutes at each day's end, shape of `arriving` (volumes, days); never below 0."""
    backlog = np.full(len(arriving), start)
    days = []
    for day, capacity in enumerate(worked):
        backlog = np.maximum(backlog + arriving[:, day] - capacity, 0.0)
        days.append(backlog)
    return np.asarray(days).T


def _probability(run: Floats, window: float, spread: float) -> Floats:
    """Chance per day that the backlog exceeds the window; it grows with volume, so one cut does."""
    if np.isnan(window):
        return np.full(run.shape[1], np.nan)
    exceeds: npt.NDArray[np.bool_] = run > window
    if spread == 0:
        return np.asarray(exceeds[len(DEVIATIONS) // 2], dtype=float)
    first = np.where(exceeds.any(axis=0), exceeds.argmax(axis=0), len(DEVIATIONS) - 1)
    tail = np.array([0.5 * (1 - erf(z / sqrt(2))) for z in DEVIATIONS])
    chance = np.where(exceeds.any(axis=0), tail[first], 0.0)
    return np.asarray(np.where(exceeds.all(axis=0), 1.0, chance), dtype=float)
