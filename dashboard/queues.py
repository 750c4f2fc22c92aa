"""What Queue Performance says: its title, and alerts in the words of a queue.

Belongs here: counting alerts and wording them. Does not belong here: SQL, layout.
"""

from typing import Final, NamedTuple

import pandas as pd

from ops_tower.analysis import thresholds

METRICS: Final = {
    "first_reply_time": "First reply",
    "next_reply_time": "Next reply",
    "periodic_update_time": "Periodic update",
    "pausable_update_time": "Pausable update",
    "requester_wait_time": "Requester wait",
    "agent_work_time": "Agent work",
    "total_resolution_time": "Resolution",
}
VIEWS: Final = {"Can still be met": False, "Already breached": True}


class Counts(NamedTuple):
    """Tickets behind the alerts: a ticket with two targets at risk counts once."""

    due_soon: int
    at_risk: int
    breached: int


def counts(alerts: pd.DataFrame) -> Counts:
    """Count the tickets behind the alerts, by what can still be done."""
    is_breached = alerts["severity"] == "breached"
    is_soon = ~is_breached & (alerts["minutes_left"] <= thresholds.SOON_MINUTES)
    return Counts(
        alerts.loc[is_soon, "ticket_id"].nunique(),
        alerts.loc[~is_breached, "ticket_id"].nunique(),
        alerts.loc[is_breached, "ticket_id"].nunique(),
    )


def headline(groups: pd.DataFrame, tally: Counts, *, has_targets: bool, is_live: bool) -> str:
    """The tightest queue and what runs out within the hour; without live data, no countdown."""
    soon = f"{_tickets(tally.due_soon)} within {thresholds.SOON_MINUTES} minutes of a breach"
    if not is_live:
        soon = f"{_tickets(tally.at_risk)} at risk as the data end"
    if not has_targets:
        soon = "without SLA targets, none is at risk"
    tight = groups[groups["is_bottleneck"].fillna(value=False).astype(bool)]
    if tight.empty:
        lead = "No queue stands out as a bottleneck" if len(groups) > 1 else "One queue"
        return f"{lead}; {soon}."
    worst = tight.iloc[0]
    score = f"score {worst['bottleneck_score']:.0f}, by {worst['driver']}"
    return f"{worst['group_name']} is the tightest queue ({score}); {soon}."


def table(alerts: pd.DataFrame) -> pd.DataFrame:
    """The alerts as columns for a reader, in the same order."""
    return pd.DataFrame(
        {
            "Ticket": alerts["external_id"],
            "Subject": alerts["subject"],
            "Group": alerts["group_name"],
            "Priority": alerts["priority"],
            "Target": alerts["metric"].map(METRICS).fillna(alerts["metric"]),
            "Minutes left": alerts["minutes_left"],
            "Due": alerts["due_at"],
            "Breach risk %": alerts["breach_probability"] * 100,
        }
    )


def _tickets(number: int) -> str:
    return f"{number:,} ticket{'' if number == 1 else 's'}" + (" is" if number == 1 else " are")
