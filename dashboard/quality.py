"""What Quality Outcomes computes on the page: shares with their intervals.

Belongs here: the arithmetic between a count and what may be said of it. Does not belong here: SQL,
layout; and no regression, which the pipeline has done.
"""

from math import isnan, sqrt
from typing import Final, NamedTuple

import pandas as pd

Z_95: Final = 1.959964
DRIVERS: Final = {
    "escalations": "Escalation",
    "reopens": "Reopen",
    "reassignments": "Reassignment",
    "first_reply_hours": "Hour until first reply",
    "cycle_days": "Day of cycle time",
}


class Share(NamedTuple):
    """A share with its 95% interval; NaN where nothing was counted."""

    value: float
    lower: float
    upper: float


def wilson(part: float, whole: float) -> Share:
    """A share of `whole` with Wilson's 95% interval, which stays within 0 and 1.

    Source: Wilson, Probable inference, JASA 22 (1927).
    """
    if whole <= 0:
        return Share(float("nan"), float("nan"), float("nan"))
    value = part / whole
    spread = Z_95**2 / whole
    middle = (value + spread / 2) / (1 + spread)
    reach = Z_95 * sqrt(value * (1 - value) / whole + spread / (4 * whole)) / (1 + spread)
    # At the ends the formula's rounding may pass them by a hair.
    return Share(value, max(0.0, middle - reach), min(1.0, middle + reach))


def rates(counts: pd.DataFrame, part: str) -> pd.DataFrame:
    """Rows of counts with the share of `part` among tickets: name, tickets, value, lower, upper."""
    shares = [wilson(float(row[part]), float(row["tickets"])) for _, row in counts.iterrows()]
    return (
        counts[["name", "tickets"]]
        .reset_index(drop=True)
        .join(pd.DataFrame(shares, columns=list(Share._fields)))
    )


def churn_rates(churn: pd.DataFrame) -> pd.DataFrame:
    """One row per tier and kind of day: name, kind, value, lower, upper, counted.

    Tickets of one organisation leave or stay together, so an interval rests on the number of
    organisations, not of tickets.
    """
    rows = []
    for _, row in churn.iterrows():
        kinds = (
            ("any day", row["base_rate"], row["organisations"]),
            ("after a ticket", row["rate"], row["ticket_organisations"]),
            ("after a bad ticket", row["bad_rate"], row["bad_organisations"]),
        )
        for kind, rate, organisations in kinds:
            if pd.notna(rate):
                share = wilson(float(rate) * float(organisations), float(organisations))
                rows.append((row["tier"], kind, *share, int(organisations)))
    return pd.DataFrame(rows, columns=["name", "kind", "value", "lower", "upper", "organisations"])


def mean_score(scores: pd.DataFrame) -> float | None:
    """Mean of the scores; None if there are none."""
    ratings = int(scores["ratings"].sum())
    return float((scores["score"] * scores["ratings"]).sum() / ratings) if ratings else None


def share_text(share: Share) -> str:
    """The interval in words, for a tooltip."""
    if isnan(share.value):
        return "Nothing was counted."
    return f"95% interval {share.lower:.1%} to {share.upper:.1%} (Wilson)."
