"""What Capacity Planning reads: new tickets so far and ahead, the plan, the staff behind it."""

from datetime import date
from typing import Final

import pandas as pd

from queries import Desk, Scope, among, read

ALL: Final = "All"


def actuals(desk: Desk, group: str, first: date, last: date) -> pd.DataFrame:
    """New tickets per day, of one group or of `ALL`; columns date, tickets."""
    parameters = {"group": group, "first": first, "last": last}
    return read(desk.version, _ACTUALS, parameters)


def forecast(desk: Desk, group: str) -> pd.DataFrame:
    """Expected new tickets per day ahead with bands, of one group or of `ALL`."""
    sql = "from analysis.volume_forecast where group_name = $group order by date"
    return read(desk.version, sql, {"group": group})


def backtest(desk: Desk, group: str) -> pd.DataFrame:
    """How the model did on days that it had not seen; one row, or none for an unknown group."""
    sql = "from analysis.forecast_backtest where group_name = $group"
    return read(desk.version, sql, {"group": group})


def answer_frames(desk: Desk) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The frames that the staffing answer reads: gap, forecast, backtest."""
    tables = ("capacity_gap", "volume_forecast", "forecast_backtest")
    gap, ahead, tested = (read(desk.version, f"from analysis.{name}") for name in tables)
    return gap, ahead, tested


def plan(desk: Desk, scope: Scope) -> pd.DataFrame:
    """One row per group and month ahead with its staff and handle time, the shortest staffed first.

    `handle_minutes` is the mean per ticket that the group worked on.
    """
    return read(desk.version, _PLAN, scope.parameters)


def backlog(desk: Desk, scope: Scope) -> pd.DataFrame:
    """Work waiting per group and day ahead, in days of the group's work, with its band."""
    return read(desk.version, _BACKLOG, scope.parameters)


def outlook(desk: Desk, scope: Scope) -> pd.DataFrame:
    """Per group, when its backlog outgrows what its targets allow; the most likely first."""
    return read(desk.version, _OUTLOOK, scope.parameters)


_OUTLOOK: Final = f"""
from analysis.backlog_outlook
where {among("group_name", "groups")}
order by outgrow_probability desc nulls last, last_backlog_days / window_days desc, group_name
"""

_BACKLOG: Final = f"""
from analysis.backlog_projection
where {among("group_name", "groups")}
order by group_name, date
"""

_ACTUALS: Final = """
select date, sum(created_tickets)::double as tickets
from marts.mart_daily_ops
where date between $first and $last and ($group = 'All' or group_name = $group)
group by date
order by date
"""

_PLAN: Final = f"""
select *, minutes_per_worked_ticket as handle_minutes
from analysis.capacity_gap
where {among("group_name", "groups")}
order by gap_agent_days desc nulls last, group_name, month
"""
