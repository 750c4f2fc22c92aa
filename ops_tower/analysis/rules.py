"""The rules behind the advice: one function each, asked of the findings of one run.

Here stand those about people and targets, and the list of all; those about the process stand in
process_rules.

Belongs here: when a rule fires, what it then says, and why it is silent otherwise.
Does not belong here: the ranking and the result frames (recommendations), the findings themselves
(findings); a rule reads result frames and counts nothing anew.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from ops_tower.analysis.anomalies import in_words
from ops_tower.analysis.findings import (
    BREACHED_TARGETS,
    MISSED_TICKETS,
    REACH,
    TICKETS,
    Advice,
    Findings,
    Silence,
    first_reason,
    reached,
)
from ops_tower.analysis.frames import total
from ops_tower.analysis.process_rules import (
    costly_escalations,
    costly_reopens,
    frequent_deviation,
    longest_wait,
    nobody_on_shift,
    ping_pong,
)
from ops_tower.analysis.words import counted, month_name

FEWEST_CELL: Final = 100  # judged tickets behind the lowest cell
CELL_MARGIN: Final = 0.05  # below the desk's attainment
RECENT_ANOMALY_DAYS: Final = 7


def staff_is_short(findings: Findings) -> Advice | Silence:
    """Is a group short of agent-days next month?"""
    gaps = findings.capacity_gap
    known = gaps[gaps["gap_agent_days"].notna()]
    if known.empty:
        return Silence(first_reason(gaps, "There are no groups to plan."))
    worst = known.sort_values("gap_agent_days", ascending=False).iloc[0]
    month = month_name(str(worst["month"]))
    if worst["gap_agent_days"] <= 0:
        return Silence(f"All {len(known)} planned groups have the staff for {month}.")
    name, gap = str(worst["group_name"]), float(worst["gap_agent_days"])
    has_band = not np.isnan(worst["lower_80"])
    low, high = (worst["lower_80"], worst["upper_80"]) if has_band else (gap, gap)
    spare = known[known["gap_agent_days"] <= -gap].sort_values("gap_agent_days").head(1)
    lender = (
        f" {spare['group_name'].iloc[0]} has {-spare['gap_agent_days'].iloc[0]:.0f} to spare."
        if len(spare)
        else ""
    )
    tickets, unit, assumption = _undone(findings, worst, max(low, 0.0), max(high, 0.0))
    hourly = findings.usd_per_hour * float(worst["hours_per_day"])
    return Advice(
        title=f"Find {counted(gap, 'agent-day')} for {name} in {month}",
        owner_group=name,
        evidence=(
            f"It needs {worst['needed_agent_days']:.1f} agent-days and has "
            f"{worst['available_agent_days']:.1f}"
            + (f" (80% band of the gap {low:.0f} to {high:.0f})" if has_band else ", untested")
            + f".{lender}"
        ),
        tickets=tickets,
        unit=unit,
        usd=(-max(high, 0.0) * hourly, -max(low, 0.0) * hourly),
        effort="medium" if lender else "high",
        confidence="high" if has_band and low > 0 else "medium" if has_band else "low",
        assumption=assumption + " Money is what those days cost.",
    )


def _undone(
    findings: Findings, short: pd.Series, low: float, high: float
) -> tuple[tuple[float, float], str, str]:
    """What a shortage costs: breaches beyond other groups' rate, else the work of those days."""
    excess = _excess_breaches(findings.bottlenecks, str(short["group_name"]))
    if excess > 0:
        return (
            reached(excess / findings.months),
            BREACHED_TARGETS,
            "A quarter to half of the breaches beyond the other groups' rate are avoided.",
        )
    minutes_a_day = 60 * float(short["hours_per_day"]) * float(short["target_occupancy"])
    per_day = minutes_a_day / float(short["minutes_per_worked_ticket"])
    return (
        (low * per_day, high * per_day),
        TICKETS,
        "Each agent-day found works the tickets that an agent works in a day.",
    )


def _excess_breaches(groups: pd.DataFrame, name: str) -> float:
    """Breached targets of a group beyond the other groups' rate; 0 where none was judged."""
    is_own = groups["group_name"] == name
    judged, breached = (
        (total(groups[column].where(is_own)), total(groups[column].where(~is_own)))
        for column in ("judged_targets", "breached_targets")
    )
    if not judged[0] or not judged[1]:
        return 0.0
    return breached[0] - judged[0] * breached[1] / judged[1]


def bottleneck_breaches(findings: Findings) -> Advice | Silence:
    """Does the bottleneck group breach more than the others, though it has the staff?"""
    groups = findings.bottlenecks
    named = groups[groups["is_bottleneck"].fillna(value=False).astype(bool)]
    if named.empty:
        return Silence(first_reason(groups, "There are no groups."))
    worst = named.iloc[0]
    name = str(worst["group_name"])
    if pd.isna(worst["breach_rate"]):
        return Silence("No target was judged, so breaches of the bottleneck are unknown.")
    gaps = findings.capacity_gap
    if (gaps["gap_agent_days"].where(gaps["group_name"] == name) > 0).any():
        return Silence(f"{name} is short of staff; that comes first and has an advice of its own.")
    excess = _excess_breaches(groups, name)
    if excess <= 0:
        return Silence(f"{name} breaches no more than the other groups.")
    others = groups[groups["group_name"] != name]
    rate = total(others["breached_targets"]) / total(others["judged_targets"])
    return Advice(
        title=f"Relieve {name}, the bottleneck by {worst['driver']}",
        owner_group=name,
        evidence=(
            f"{worst['breach_rate']:.1%} of its targets breach, {rate:.1%} elsewhere; half of its "
            f"tickets stay longer than {worst['median_cycle_hours']:.1f} h."
        ),
        tickets=reached(excess / findings.months),
        unit=BREACHED_TARGETS,
        effort="medium",
        confidence="medium",
        assumption="A quarter to half of the breaches beyond the other groups' rate are avoided.",
    )


def targets_about_to_breach(findings: Findings) -> Advice | Silence:
    """Are open tickets about to breach that someone can still save?"""
    alerts = findings.alerts
    urgent = alerts[(alerts["severity"] == "critical") & (alerts["minutes_left"] >= 0)]
    if urgent.empty:
        return Silence("No open target is critical and still to be saved.")
    group = str(urgent["group_name"].mode().iloc[0])
    soon = int((urgent["minutes_left"] <= 60).sum())  # noqa: PLR2004 - an hour
    chance = float(urgent["breach_probability"].fillna(0.0).sum())
    return Advice(
        title=f"Work {counted(urgent['ticket_id'].nunique(), 'ticket')} now, before a breach",
        owner_group=group,
        evidence=(
            f"Critical now: {counted(len(urgent), 'open target')}; due within the hour: {soon}."
        ),
        tickets=reached(chance),
        unit=BREACHED_TARGETS,
        effort="low",
        confidence="medium",
        assumption="A quarter to half of the breaches expected among them are averted, once.",
    )


def lowest_sla_cell(findings: Findings) -> Advice | Silence:
    """Does one priority and type fall clearly below the desk's attainment?"""
    own = findings.sla[findings.sla["denominator"] == "ticket"]
    judged = total(own["judged"])
    if judged == 0:
        return Silence("No ticket was judged against targets.")
    desk = total(own["met"]) / judged
    cells = own.groupby(["priority", "ticket_type"], as_index=False)[["judged", "met"]].sum()
    cells = cells[cells["judged"] >= FEWEST_CELL].astype({"judged": float, "met": float})
    cells = cells.assign(attainment=cells["met"] / cells["judged"]).sort_values("attainment")
    if cells.empty or cells["attainment"].iloc[0] >= desk - CELL_MARGIN:
        return Silence(f"No priority and type lies {CELL_MARGIN:.0%} below the desk's {desk:.1%}.")
    cell = cells.iloc[0]
    missed = cell["judged"] * (desk - cell["attainment"]) / findings.months
    where = own[(own["priority"] == cell["priority"]) & (own["ticket_type"] == cell["ticket_type"])]
    group = where.groupby("group_name")["breached"].sum().idxmax()
    return Advice(
        title=f"Find out why {cell['priority']} {cell['ticket_type']}s miss their targets",
        owner_group=str(group),
        evidence=(
            f"{cell['attainment']:.1%} of {cell['judged']:,.0f} met all of them, the desk's "
            f"{desk:.1%}.{_most_breached(findings.sla, cell)}"
        ),
        tickets=reached(float(missed)),
        unit=MISSED_TICKETS,
        effort="medium",
        confidence="medium",
        assumption="A quarter to half of the distance to the desk's attainment is closed.",
    )


def _most_breached(sla: pd.DataFrame, cell: pd.Series) -> str:
    """Which target a kind of ticket breaches most, in a sentence; nothing if none is known."""
    own = sla[
        (sla["denominator"] == "target")
        & (sla["priority"] == cell["priority"])
        & (sla["ticket_type"] == cell["ticket_type"])
    ]
    by_metric = own.groupby("metric")[["judged", "breached"]].sum().astype(float)
    if by_metric.empty or not by_metric["breached"].max():
        return ""
    worst = by_metric.loc[by_metric["breached"].idxmax()]
    return (
        f" Most of what they miss is {str(worst.name).replace('_', ' ')}: "
        f"{worst['breached']:,.0f} of {worst['judged']:,.0f}."
    )


def recent_anomaly(findings: Findings) -> Advice | Silence:
    """Was a day of the last week far from its weekday's usual, for the worse?"""
    rows = findings.anomalies
    since = pd.Timestamp(findings.as_of) - pd.Timedelta(days=RECENT_ANOMALY_DAYS)
    is_bad = (rows["direction"] == "high") ^ (rows["metric"] == "csat_score")
    recent = rows[(rows["date"] >= since) & is_bad]
    if recent.empty:
        return Silence(f"No day of the last {RECENT_ANOMALY_DAYS} was unusual for the worse.")
    worst = recent.iloc[int(recent["z_score"].abs().to_numpy().argmax())]
    told = in_words(str(worst["metric"]), float(worst["value"]), float(worst["expected"]))
    whose = "All groups" if worst["group_name"] == "All" else worst["group_name"]
    is_breach = worst["metric"] == "breach_rate"
    spared = float(worst["observations"]) * (
        float(worst["value"] - worst["expected"]) if is_breach else REACH[0]
    )
    return Advice(
        title=f"Find out what happened on {worst['date']:%A}, {worst['date'].day} "
        f"{worst['date']:%B}",
        owner_group=str(worst["group_name"]),
        evidence=f"{whose}: {told} (z = {worst['z_score']:+.1f}).",
        tickets=(0.0, spared),
        unit=MISSED_TICKETS if is_breach else TICKETS,
        effort="low",
        confidence="low",
        assumption=(
            "At best such a day does not come again in a month."
            if is_breach
            else "At most a quarter of such a day's tickets would go better."
        ),
    )


RULES: Final[tuple[Callable[[Findings], Advice | Silence], ...]] = (
    staff_is_short,
    bottleneck_breaches,
    targets_about_to_breach,
    lowest_sla_cell,
    longest_wait,
    costly_escalations,
    costly_reopens,
    frequent_deviation,
    ping_pong,
    nobody_on_shift,
    recent_anomaly,
)
