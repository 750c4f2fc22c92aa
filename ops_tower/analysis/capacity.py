"""Whether next month's work fits the staff: agent-days needed and there, per group.

Belongs here: turning tickets into agent-days, the gap with the forecast's band, the what-if.
Does not belong here: how many tickets come (forecasting), who is a bottleneck today (bottlenecks).
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from ops_tower.analysis.frames import Output, total

TOTAL: Final = "All"
RECENT_DAYS: Final = 91  # thirteen weeks: what a ticket costs a group is learnt from these
Z_80: Final = 1.2816
Z_95: Final = 1.9600

CAPACITY_GAP: Final = Output(
    "capacity_gap",
    "One row per group and month ahead: agent-days needed, there, and short (positive gap).",
    {
        "group_name": "text",
        "month": "text",
        "needed_agent_days": "number",
        "available_agent_days": "number",
        "gap_agent_days": "number",
        "lower_80": "number",
        "upper_80": "number",
        "lower_95": "number",
        "upper_95": "number",
        "utilisation": "number",
        "tickets": "number",
        "minutes_per_ticket": "number",
        "minutes_per_worked_ticket": "number",
        "fte": "number",
        "working_days": "integer",
        "hours_per_day": "number",
        "shrinkage": "number",
        "target_occupancy": "number",
        "reason": "text",
    },
)


class Plan(NamedTuple):
    """One group and month of a plan, in agent-days (an agent's paid day)."""

    needed_agent_days: float
    available_agent_days: float
    gap_agent_days: float  # needed less available: positive is short
    utilisation: float  # hours of work over hours at work, occupancy not deducted


@dataclass(frozen=True)
class Staffing:
    """What a planner can turn: staff, time lost, time per ticket, how busy agents should be.

    Attributes:
        fte: full-time equivalents.
        working_days: days in the month that a full-time agent works.
        hours_per_day: paid hours of such a day.
        shrinkage: share of paid time not at work (leave, training, sickness), in [0, 1).
        target_occupancy: share of time at work spent on tickets, in (0, 1].
        minutes_per_ticket: minutes of this group's work per new ticket of the whole desk.
    """

    fte: float
    working_days: int
    hours_per_day: float
    shrinkage: float
    target_occupancy: float
    minutes_per_ticket: float


def plan(tickets: float, staffing: Staffing) -> Plan:
    """Compare the work in `tickets` new tickets with what a group's staff can do.

    Needed = tickets x minutes / 60 / hours a day / occupancy. Available = FTE x working days x
    (1 - shrinkage). Pure arithmetic: the dashboard's simulator calls it for each slider.

    Raises:
        ValueError: if a share or a length of day makes no sense; the message names it.

    Source: Cleveland, Call Center Management on Fast Forward, 4th ed. 2019 (workload, shrinkage,
    occupancy); deferred work is planned by workload, not by Erlang's formulas.
    """
    if not 0 <= staffing.shrinkage < 1:
        raise ValueError(f"shrinkage is {staffing.shrinkage}: give a share from 0 to below 1")
    if not 0 < staffing.target_occupancy <= 1:
        raise ValueError(
            f"target_occupancy is {staffing.target_occupancy}: give a share above 0, at most 1"
        )
    if staffing.hours_per_day <= 0:
        raise ValueError(f"hours_per_day is {staffing.hours_per_day}: give hours above 0")
    work_days = tickets * staffing.minutes_per_ticket / 60 / staffing.hours_per_day
    needed = work_days / staffing.target_occupancy
    available = staffing.fte * staffing.working_days * (1 - staffing.shrinkage)
    busy = work_days / available if available > 0 else float("nan")
    return Plan(needed, available, needed - available, busy)


def capacity_gap(  # noqa: PLR0913, PLR0917 - the four sources of a plan, and its calendar
    volume_forecast: pd.DataFrame,
    backtest: pd.DataFrame,
    daily: pd.DataFrame,
    capacity: pd.DataFrame,
    as_of: datetime,
    holidays: AbstractSet[date] = frozenset(),
) -> pd.DataFrame:
    """Plan the next calendar month for each group with known staff.

    Tickets are the total forecast; days of the month past its horizon repeat its last week. A
    group's minutes per ticket are its work of the last 13 weeks over the desk's new tickets of
    those weeks; work put off (a backlog that grew) counts as offered. The band carries the
    backtest's error of a whole month's total, not the sum of daily bands.

    Args:
        volume_forecast: as `forecasting.forecast_volume` returns it.
        backtest: the same function's second frame; `horizon_total_error` of All is read.
        daily: `mart_daily_ops`.
        capacity: `mart_capacity`; a group with NULL fte gets a row with needed days and a reason.
        as_of: naive UTC; the month is the one that starts at it or next after it.
        holidays: weekdays that the staff do not work.

    Returns:
        `capacity_gap`; `lower_*` and `upper_*` are the band of the gap; `tickets` the desk's;
        `minutes_per_ticket` per new ticket of the desk, `minutes_per_worked_ticket` per ticket
        that the group itself works on. What is unknown is NULL and `reason` says why.
    """
    first = _next_month(as_of)
    days = pd.date_range(first, _next_month(first + timedelta(days=1)) - timedelta(days=1))
    working_days = sum(day.weekday() < 5 and day.date() not in holidays for day in days)  # noqa: PLR2004 - Saturday
    tickets = _tickets_on(volume_forecast, days)
    error = backtest.loc[backtest["group_name"] == TOTAL, "horizon_total_error"]
    spread = float(error.iloc[0]) if len(error) else float("nan")
    names = sorted(set(daily["group_name"].dropna()) | set(capacity["group_name"].dropna()))
    staff = capacity.set_index("group_name")
    minutes = minutes_per_ticket(daily, as_of)
    rows = []
    for name in names:
        row: dict[str, object] = dict.fromkeys(CAPACITY_GAP.columns)
        row |= {
            "group_name": name,
            "month": f"{first:%Y-%m}",
            "tickets": tickets,
            "minutes_per_ticket": minutes.get(name, np.nan),
            "working_days": working_days,
        }
        known = staff.loc[name] if name in staff.index else None
        row["reason"] = _reason(known, tickets, minutes.get(name, np.nan))
        if known is not None:
            row |= {k: known[k] for k in ("fte", "hours_per_day", "shrinkage", "target_occupancy")}
            row["minutes_per_worked_ticket"] = known["mean_handle_minutes_per_ticket"]
        if known is not None and not row["reason"]:
            row |= _banded(tickets, spread, _staffing(known, working_days, minutes[name]))
        rows.append(row)
    return CAPACITY_GAP.frame(rows)


def minutes_per_ticket(daily: pd.DataFrame, as_of: datetime) -> dict[str, float]:
    """Minutes of each group's work offered per new ticket of the desk, over the last 13 weeks.

    Offered is what was done plus what was put off: the growth of the group's backlog, at the
    minutes that the group spends per ticket it finishes or passes on (work done over the inflow
    that was worked). Empty where no work is recorded.
    """
    if daily.empty:
        return {}
    frame = daily.assign(date=pd.to_datetime(daily["date"]))
    end = pd.Timestamp(as_of).normalize()
    recent = frame[(frame["date"] < end) & (frame["date"] >= end - timedelta(days=RECENT_DAYS))]
    created = total(recent["created_tickets"])
    if created == 0 or total(recent["handle_minutes"]) == 0:
        return {}
    offered = {}
    for name, own in recent.groupby("group_name"):
        own = own.sort_values("date")  # noqa: PLW2901 - the same rows, in order
        done = total(own["handle_minutes"])
        growth = float(own["backlog_tickets"].iloc[-1] - own["backlog_tickets"].iloc[0])
        finished = total(own["solved_tickets"])
        put_off = max(growth, 0.0) * done / finished if finished > 0 else 0.0
        offered[str(name)] = (done + put_off) / created
    return offered


def _next_month(moment: datetime | pd.Timestamp) -> datetime:
    """First instant of the month that starts at `moment` or next after it."""
    first = datetime(moment.year, moment.month, 1)  # noqa: DTZ001 - the project's clock is naive UTC
    if first >= moment:
        return first
    return (first + timedelta(days=32)).replace(day=1)


def _tickets_on(volume_forecast: pd.DataFrame, days: pd.DatetimeIndex) -> float:
    """New tickets expected on these days; days past the horizon repeat its last week."""
    own = volume_forecast[volume_forecast["group_name"] == TOTAL]
    if own.empty:
        return float("nan")
    by_day = own.set_index("date")["forecast"]
    last = by_day.iloc[-7:]
    by_weekday = dict(zip(pd.DatetimeIndex(last.index).weekday, last, strict=True))
    return float(sum(by_day.get(day, by_weekday[day.weekday()]) for day in days))


def _reason(known: pd.Series | None, tickets: float, minutes: float) -> str | None:
    """Say what keeps a group from being planned, if anything."""
    if known is None or pd.isna(known["fte"]):
        return "This source does not say who works in the group, so staff cannot be planned."
    if np.isnan(tickets):
        return "There is no volume forecast, so the work ahead is unknown."
    if np.isnan(minutes):
        return "No handling time is recorded, so the work per ticket is unknown."
    missing = [k for k in ("hours_per_day", "shrinkage", "target_occupancy") if pd.isna(known[k])]
    return f"The capacity seed lacks {', '.join(missing)}." if missing else None


def _staffing(known: pd.Series, working_days: int, minutes: float) -> Staffing:
    return Staffing(
        fte=float(known["fte"]),
        working_days=working_days,
        hours_per_day=float(known["hours_per_day"]),
        shrinkage=float(known["shrinkage"]),
        target_occupancy=float(known["target_occupancy"]),
        minutes_per_ticket=minutes,
    )


def _banded(tickets: float, spread: float, staffing: Staffing) -> dict[str, object]:
    """A plan with its band; an untested forecast (NaN spread) has none."""
    middle = plan(tickets, staffing)
    band = {
        f"{side}_{level}": plan(tickets * max(1 + sign * z * spread, 0.0), staffing).gap_agent_days
        for side, sign in (("lower", -1), ("upper", 1))
        for level, z in ((80, Z_80), (95, Z_95))
    }
    return {**middle._asdict(), **band}
