"""The rules behind the advice: one function each, asked of the findings of one run.

Belongs here: when a rule fires, what it then says, and why it is silent otherwise.
Does not belong here: the ranking and the result frames (recommendations), the findings themselves;
a rule reads result frames and counts nothing anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from ops_tower.analysis.frames import total
from ops_tower.analysis.rework import REWORK
from ops_tower.analysis.waits import PROCESS_WAITS

DAYS_A_MONTH: Final = 365.25 / 12
# What a change of practice plausibly reaches of the harm that it aims at; a range, because no
# trial has been run on this desk.
REACH: Final = (0.25, 0.50)
FEWEST_CELL: Final = 100  # judged tickets behind the lowest cell
CELL_MARGIN: Final = 0.05  # below the desk's attainment
WAIT_SHARE: Final = 0.15  # of all waiting, held by one transition
DEVIATION_SHARE: Final = 0.05  # of judged tickets
RECENT_ANOMALY_DAYS: Final = 7
RETURN_SHARE: Final = 0.05  # of first handovers, by the lower end of its interval
OFF_SHIFT_SHARE: Final = 0.60  # of the hours that tickets wait for the desk


@dataclass(frozen=True)
class Findings:
    """Result frames that the rules read; each may be empty.

    Attributes:
        bottlenecks: `group_bottlenecks`.
        capacity_gap: `capacity_gap`.
        alerts: `sla_alerts`.
        transitions: `process_transitions`.
        deviations: `conformance_deviations`.
        drivers: `drivers`.
        anomalies: `anomalies`.
        sla: `mart_sla`.
        first_at: first instant of the data, naive UTC.
        as_of: the data's own now, naive UTC.
        rework: `rework`.
        waits: `process_waits`.
    """

    bottlenecks: pd.DataFrame
    capacity_gap: pd.DataFrame
    alerts: pd.DataFrame
    transitions: pd.DataFrame
    deviations: pd.DataFrame
    drivers: pd.DataFrame
    anomalies: pd.DataFrame
    sla: pd.DataFrame
    first_at: datetime
    as_of: datetime
    rework: pd.DataFrame = field(default_factory=REWORK.frame)
    waits: pd.DataFrame = field(default_factory=PROCESS_WAITS.frame)

    @property
    def months(self) -> float:
        """Length of the data in months, at least one day."""
        days = (self.as_of - self.first_at).total_seconds() / 86400
        return max(days, 1.0) / DAYS_A_MONTH


@dataclass(frozen=True)
class Advice:
    """What a rule says when it fires; effects are per month, in tickets, and in hours if known."""

    title: str
    owner_group: str
    evidence: str
    tickets: tuple[float, float]
    effort: str
    confidence: str
    assumption: str
    hours: tuple[float, float] = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Silence:
    """Why a rule does not fire."""

    reason: str


def staff_is_short(findings: Findings) -> Advice | Silence:
    """Is a group short of agent-days next month?"""
    gaps = findings.capacity_gap
    known = gaps[gaps["gap_agent_days"].notna()]
    if known.empty:
        return Silence(_first_reason(gaps, "There are no groups to plan."))
    worst = known.sort_values("gap_agent_days", ascending=False).iloc[0]
    if worst["gap_agent_days"] <= 0:
        return Silence(f"All {len(known)} planned groups have the staff for {worst['month']}.")
    name, gap = worst["group_name"], worst["gap_agent_days"]
    has_band = not np.isnan(worst["lower_80"])
    low, high = (worst["lower_80"], worst["upper_80"]) if has_band else (gap, gap)
    # A missing day leaves undone what an agent does in a day.
    minutes_a_day = 60 * worst["hours_per_day"] * worst["target_occupancy"]
    per_day = minutes_a_day / worst["minutes_per_worked_ticket"]
    return Advice(
        title=f"Find {gap:.0f} agent-days for {name} in {worst['month']}",
        owner_group=str(name),
        evidence=(
            f"{worst['needed_agent_days']:.0f} agent-days needed, "
            f"{worst['available_agent_days']:.0f} there"
            + (f"; 80 % band of the gap {low:.0f} to {high:.0f}." if has_band else "; untested.")
        ),
        tickets=(max(low, 0.0) * per_day, max(high, 0.0) * per_day),
        effort="high",
        confidence="high" if has_band and low > 0 else "medium" if has_band else "low",
        assumption="Each agent-day found works the tickets that an agent works in a day.",
    )


def bottleneck_breaches(findings: Findings) -> Advice | Silence:
    """Does the bottleneck group breach more than the others?"""
    groups = findings.bottlenecks
    named = groups[groups["is_bottleneck"].fillna(value=False).astype(bool)]
    if named.empty:
        return Silence(_first_reason(groups, "There are no groups."))
    worst = named.iloc[0]
    if pd.isna(worst["breach_rate"]):
        return Silence("No target was judged, so breaches of the bottleneck are unknown.")
    others = groups[groups["group_name"] != worst["group_name"]]
    judged = total(others["judged_targets"])
    rate = total(others["breached_targets"]) / judged if judged else 0.0
    excess = worst["judged_targets"] * (worst["breach_rate"] - rate)
    if excess <= 0:
        return Silence(f"{worst['group_name']} breaches no more than the other groups.")
    monthly = float(excess) / findings.months
    return Advice(
        title=f"Relieve {worst['group_name']}: its {worst['driver']} makes it the bottleneck",
        owner_group=str(worst["group_name"]),
        evidence=(
            f"{worst['breach_rate']:.1%} of its targets breach, {rate:.1%} elsewhere; "
            f"{worst['median_cycle_hours']:.1f} h per ticket."
        ),
        tickets=_reached(monthly),
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
        title=f"Work {urgent['ticket_id'].nunique()} tickets now, before they breach",
        owner_group=group,
        evidence=f"{len(urgent)} open targets are critical, {soon} of them within the hour.",
        tickets=_reached(chance),
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
        title=f"Give {cell['priority']} {cell['ticket_type']}s a route of their own",
        owner_group=str(group),
        evidence=(
            f"{cell['attainment']:.1%} of {cell['judged']:,.0f} tickets meet their targets, "
            f"the desk {desk:.1%}."
        ),
        tickets=_reached(float(missed)),
        effort="medium",
        confidence="medium",
        assumption="A quarter to half of the distance to the desk's attainment is closed.",
    )


def longest_wait(findings: Findings) -> Advice | Silence:
    """Does one transition, timers apart, hold a large share of all waiting?"""
    waits = findings.transitions[findings.transitions["bottleneck_rank"] == 1]
    if waits.empty:
        return Silence("No transition other than timers was seen.")
    wait = waits.iloc[0]
    share = wait["share_of_hours_without_timers"]
    step = f"{wait['from_activity']} → {wait['to_activity']}"
    if pd.isna(share) or share < WAIT_SHARE:
        return Silence(f"The longest wait, {step}, holds under {WAIT_SHARE:.0%} of the hours.")
    # Hours beyond the median are those of the tickets that wait long.
    excess = wait["transitions"] * max(wait["mean_hours"] - wait["median_hours"], 0.0)
    monthly = float(excess) / findings.months
    slow = 0.25 * float(wait["transitions"]) / findings.months
    return Advice(
        title=f"Shorten the wait {step}",
        owner_group="All",
        evidence=(
            f"{share:.1%} of all hours outside timers; median {wait['median_hours']:.1f} h, "
            f"one in ten over {wait['p90_hours']:.1f} h."
        ),
        tickets=_reached(slow),
        hours=_reached(monthly),
        effort="medium",
        confidence="low",
        assumption="A quarter to half of the hours beyond the median, of the slowest quarter.",
    )


def costly_escalations(findings: Findings) -> Advice | Silence:
    """Does an escalation lengthen tickets for certain?"""
    return _driver_advice(
        findings,
        driver="escalations",
        title="Solve more at the first group: escalations lengthen tickets",
        effort="high",
    )


def costly_reopens(findings: Findings) -> Advice | Silence:
    """Does a reopen lengthen tickets for certain?"""
    return _driver_advice(
        findings,
        driver="reopens",
        title="Check before solving: reopened tickets take longer",
        effort="low",
    )


def _driver_advice(findings: Findings, driver: str, title: str, effort: str) -> Advice | Silence:
    """Advise against a driver whose effect on cycle time is positive beyond its interval."""
    found = findings.drivers
    own = found[(found["driver"] == driver) & (found["outcome"] == "cycle_hours")]
    if own.empty or pd.isna(own["effect"].iloc[0]):
        return Silence(_first_reason(own, f"The effect of {driver} was not estimated."))
    row = own.iloc[0]
    if row["lower_95"] <= 0:
        return Silence(
            f"One more of {driver} adds {row['effect']:.1f} h, but the interval includes none."
        )
    happened = float(row["mean_of_driver"] * row["tickets"]) / findings.months
    csat = found[(found["driver"] == driver) & (found["outcome"] == "csat_score")]
    costs = ""
    if len(csat) and csat["upper_95"].iloc[0] < 0:
        costs = f" It takes {-csat['effect'].iloc[0]:.2f} points of CSAT."
    return Advice(
        title=title,
        owner_group="All",
        evidence=(
            f"One more adds {row['effect']:.1f} h "
            f"({row['lower_95']:.1f} to {row['upper_95']:.1f}); {happened:,.0f} a month.{costs}"
        ),
        tickets=_reached(happened),
        hours=(REACH[0] * happened * row["lower_95"], REACH[1] * happened * row["upper_95"]),
        effort=effort,
        confidence="medium",
        assumption="A quarter to half of them are avoided, at the estimated hours each.",
    )


def frequent_deviation(findings: Findings) -> Advice | Silence:
    """Does a frequent deviation from the documented path cost hours?"""
    rows = findings.deviations
    costly = rows[(rows["hours"] > 0) & (rows["share"] >= DEVIATION_SHARE)]
    if costly.empty:
        return Silence(
            f"No deviation touches {DEVIATION_SHARE:.0%} of the tickets and takes longer."
        )
    worst = costly.sort_values("hours", ascending=False).iloc[0]
    return Advice(
        title=f"Look into '{worst['activity']}' being {worst['kind']}",
        owner_group="All",
        evidence=f"{worst['share']:.1%} of judged tickets ({worst['tickets']:,.0f}) deviate so.",
        tickets=_reached(float(worst["tickets"]) / findings.months),
        hours=_reached(float(worst["hours"]) / findings.months),
        effort="medium",
        confidence="low",
        assumption="A quarter to half of these tickets would take a conforming ticket's time.",
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
    touched = float(worst["observations"])
    return Advice(
        title=f"Find out what happened on {worst['date']:%a %d %b}: {worst['metric']} was unusual",
        owner_group=str(worst["group_name"]),
        evidence=(
            f"{worst['value']:,.2f} where {worst['expected']:,.2f} is usual "
            f"(z = {worst['z_score']:+.1f})."
        ),
        tickets=(0.0, REACH[0] * touched),
        effort="low",
        confidence="low",
        assumption="At most a quarter of that day's tickets would have gone better.",
    )


def ping_pong(findings: Findings) -> Advice | Silence:
    """Does a group send back for certain what it is handed?"""
    rows = findings.rework
    pairs = rows[(rows["kind"] == "ping_pong_direct") & (rows["lower_95"] >= RETURN_SHARE)]
    if pairs.empty:
        return Silence(f"No pair of groups is sure to return {RETURN_SHARE:.0%} of its handovers.")
    worst = pairs.sort_values(["tickets", "subject"], ascending=[False, True]).iloc[0]
    monthly = float(worst["tickets"]) / findings.months
    return Advice(
        title=f"Agree what to hand over: tickets bounce {worst['subject']} and back",
        owner_group=str(worst["subject"]).split(" → ")[0],
        evidence=(
            f"{worst['share']:.1%} of first handovers come straight back "
            f"({worst['lower_95']:.1%} to {worst['upper_95']:.1%}), "
            f"{worst['tickets']:,.0f} tickets."
        ),
        tickets=_reached(monthly),
        hours=_reached(float(worst["hours"]) / findings.months),
        effort="low",
        confidence="medium",
        assumption="A quarter to half of the returns are avoided, with the hours that they took.",
    )


def nobody_on_shift(findings: Findings) -> Advice | Silence:
    """Do tickets wait for the desk mostly while nobody is on shift?"""
    rows = findings.waits
    desk = rows[rows["cause"].isin(["work", "queue", "off_shift"])]
    hours = float(desk["hours"].sum())
    if not hours:
        return Silence("It is not known when tickets wait for the desk.")
    off = desk[desk["cause"] == "off_shift"].sort_values("hours", ascending=False)
    share = float(off["hours"].sum()) / hours
    if share < OFF_SHIFT_SHARE:
        return Silence(f"{share:.0%} of the hours that tickets wait for the desk are off shift.")
    worst = off.iloc[0]
    step = f"{worst['from_activity']} → {worst['to_activity']}"
    return Advice(
        title=f"Cover more hours: {step} waits for the next shift",
        owner_group="All",
        evidence=(
            f"{share:.0%} of the hours that tickets wait for the desk are off shift; "
            f"{worst['hours']:,.0f} h at {step}."
        ),
        # Waiting does not say how many tickets; those of the step, at its share off shift.
        tickets=_reached(
            float(worst["transitions"] * worst["share_of_transition"]) / findings.months
        ),
        hours=_reached(float(worst["hours"]) / findings.months),
        effort="high",
        confidence="low",
        assumption="A quarter to half of these hours fall into a longer shift.",
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


def _reached(harm: float) -> tuple[float, float]:
    """The part of a harm that a change plausibly avoids, low and high."""
    return REACH[0] * harm, REACH[1] * harm


def _first_reason(frame: pd.DataFrame, otherwise: str) -> str:
    """Pass on the reason that a finding already carries."""
    reasons = frame["reason"].dropna() if "reason" in frame else pd.Series(dtype="string")
    return str(reasons.iloc[0]) if len(reasons) else otherwise
