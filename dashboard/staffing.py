"""What Capacity Planning computes on the page: a what-if of the pipeline's own plan.

Belongs here: from a plan's row and a reader's changes to agent-days and the backlog that follows.
Does not belong here: the planning rule itself (`ops_tower.analysis.capacity`), SQL, layout.
"""

import re
from dataclasses import dataclass

import pandas as pd

from ops_tower.analysis.capacity import Plan, Staffing, plan


@dataclass(frozen=True)
class Scenario:
    """What a reader may turn for one group."""

    fte: float
    handle_minutes: float
    shrinkage: float
    occupancy: float


def slug(group: str) -> str:
    """A group's name as it stands in the URL."""
    return re.sub(r"[^a-z0-9]+", "-", group.lower()).strip("-")


def as_planned(row: pd.Series) -> Scenario:
    """The scenario that changes nothing, rounded as the controls show it."""
    return Scenario(
        fte=round(float(row["fte"]), 1),
        handle_minutes=round(float(row["handle_minutes"]), 1),
        shrinkage=round(float(row["shrinkage"]), 2),
        occupancy=round(float(row["target_occupancy"]), 2),
    )


def outcome(row: pd.Series, scenario: Scenario, volume: float) -> Plan:
    """The group's plan under a scenario.

    Args:
        row: the group's row of the plan.
        scenario: what the reader set; handle time scales the group's minutes per new ticket.
        volume: new tickets beside the forecast, 1.0 for as many.
    """
    planned = as_planned(row)
    longer = scenario.handle_minutes / planned.handle_minutes if planned.handle_minutes else 1.0
    staffing = Staffing(
        fte=scenario.fte,
        working_days=int(row["working_days"]),
        hours_per_day=float(row["hours_per_day"]),
        shrinkage=scenario.shrinkage,
        target_occupancy=scenario.occupancy,
        minutes_per_ticket=float(row["minutes_per_ticket"]) * longer,
    )
    return plan(float(row["tickets"]) * volume, staffing)


def backlog(row: pd.Series, scenario: Scenario, result: Plan) -> float:
    """Tickets that the missing agent-days would leave unworked at the month's end."""
    if result.gap_agent_days <= 0 or not scenario.handle_minutes:
        return 0.0
    minutes = result.gap_agent_days * float(row["hours_per_day"]) * 60 * scenario.occupancy
    return minutes / scenario.handle_minutes


def gap_in_words(gap: float) -> str:
    """A gap in agent-days, as what it means."""
    if round(gap) == 0:
        return "just enough"
    return f"{gap:.0f} short" if gap > 0 else f"{-gap:.0f} to spare"


def backtest_in_words(tested: pd.DataFrame) -> str:
    """How far to trust the forecast, in sentences."""
    if tested.empty:
        return ""
    row = tested.iloc[0]
    if pd.isna(row["mase"]):
        return str(row["reason"] or "The forecast could not be tested.")
    beats = "better" if row["mase"] < 1 else "no better"
    text = (
        f"{row['model']}, tested a month ahead from {row['origins']} past days:"
        f" MASE {row['mase']:.2f}, {beats} than repeating last week; the 80% band held"
        f" {row['coverage_80']:.0%} of the days, the 95% band {row['coverage_95']:.0%}."
    )
    return f"{text} {row['reason']}" if row["reason"] else text


def outgrows(group: pd.Series) -> str:
    """When a group's waiting work outgrows what its targets allow, and how likely.

    Args:
        group: a row of `backlog_outlook`.
    """
    if pd.isna(group["outgrow_probability"]):
        return str(group["reason"])
    chance = _chance(float(group["outgrow_probability"]))
    if pd.isna(group["outgrows_on"]):
        return f"Stays within its targets; the chance not to, on the worst day: {chance}."
    return (
        f"Outgrows its targets on {group['outgrows_on']:%-d %b}, more likely than not; the chance"
        f" on the worst day: {chance}."
    )


def _chance(probability: float) -> str:
    if probability < 0.005:  # noqa: PLR2004  (it would print as never)
        return "under 1%"
    return "over 99%" if probability > 0.995 else f"{probability:.0%}"  # noqa: PLR2004
