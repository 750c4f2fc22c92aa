"""What Queue Performance says: its title, and open targets in the words of a queue.

Belongs here: counting targets and wording them. Does not belong here: SQL, layout.
"""

from typing import Final, NamedTuple

import pandas as pd

from ops_tower.analysis import breach_history, breach_risk, thresholds

METRICS: Final = {
    "first_reply_time": "First reply",
    "next_reply_time": "Next reply",
    "periodic_update_time": "Periodic update",
    "pausable_update_time": "Pausable update",
    "requester_wait_time": "Requester wait",
    "agent_work_time": "Agent work",
    "total_resolution_time": "Resolution",
}
VIEWS: Final = {
    "At risk": ("critical", "warning"),
    "On track": ("on_track",),
    "Already breached": ("breached",),
}
"""Open targets by what can still be done, as severities."""
AT_RISK: Final = (
    "Tickets with a target that can still be met, but has at most"
    f" {breach_risk.CRITICAL_MINUTES:.0f} minutes left, at most"
    f" {breach_risk.WARNING_MINUTES:.0f} when it is half run, or a risk of a breach of at least"
    f" {breach_history.WARNING_PROBABILITY:.0%}."
)


class Counts(NamedTuple):
    """Tickets behind open targets: a ticket with two targets at risk counts once."""

    due_soon: int
    at_risk: int
    breached: int


def counts(targets: pd.DataFrame) -> Counts:
    """Count the tickets behind open targets, by what can still be done."""
    is_at_risk = targets["severity"].isin(VIEWS["At risk"])
    is_soon = is_at_risk & (targets["minutes_left"] <= thresholds.SOON_MINUTES)
    is_breached = targets["severity"].isin(VIEWS["Already breached"])
    return Counts(
        *(targets.loc[some, "ticket_id"].nunique() for some in (is_soon, is_at_risk, is_breached))
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


def table(targets: pd.DataFrame) -> pd.DataFrame:
    """Open targets as columns for a reader, in the same order; a phone shows the first three."""
    return pd.DataFrame(
        {
            "Ticket": targets["external_id"],
            "Minutes left": targets["minutes_left"],
            "Breach risk %": targets["breach_probability"] * 100,
            "Target": targets["metric"].map(METRICS).fillna(targets["metric"]),
            "Due": targets["due_at"],
            "Group": targets["group_name"],
            "Priority": targets["priority"],
            "Subject": targets["subject"],
        }
    )


def _tickets(number: int) -> str:
    return f"{number:,} ticket{'' if number == 1 else 's'}" + (" is" if number == 1 else " are")
