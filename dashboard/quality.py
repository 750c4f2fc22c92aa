"""What Quality Outcomes computes on the page: shares with their intervals.

Belongs here: the arithmetic between a count and what may be said of it, and the title. Does not
belong here: SQL, layout; and no regression, which the pipeline has done.
"""

from math import isnan
from typing import Final, NamedTuple

import pandas as pd

from ops_tower.analysis import answers, intervals

DRIVERS: Final = {
    "escalations": "Escalation",
    "reopens": "Reopen",
    "reassignments": "Reassignment",
    "first_reply_hours": "Hour until first reply",
    "cycle_days": "Day of cycle time",
}


WEIGH: Final = {
    "escalations": "escalations weigh",
    "reopens": "reopens weigh",
    "reassignments": "reassignments weigh",
    "first_reply_hours": "the wait for a first reply weighs",
    "cycle_days": "the days until the solve weigh",
}
"""The drivers again, as the subject of a sentence."""


class Share(NamedTuple):
    """A share with its 95% interval; NaN where nothing was counted."""

    value: float
    lower: float
    upper: float


def headline(scores: pd.DataFrame, answered: Share, drivers: pd.DataFrame) -> str:
    """The mean score with who gave it and what weighs most, then the fourth answer.

    Args:
        scores: five rows of the window and the scope, as `mean_score` reads them.
        answered: share of finished tickets that were rated.
        drivers: `analysis.drivers`, over all the data.
    """
    mean, answer = mean_score(scores), answers.satisfaction(drivers)
    if mean is None:
        return answer
    given = f"{scores['ratings'].sum():,} ratings"
    if not isnan(answered.value):
        given += f", {answered.value:.1%} answered"
    own = drivers[(drivers["outcome"] == "csat_score") & (drivers["upper_95"] < 0)]
    weighs = ""
    if len(own):
        worst = own.loc[own["total_effect"].astype(float).idxmin(), "driver"]
        weighs = f"; {WEIGH.get(worst, f'{worst} weighs')} most on it"
    return f"CSAT is {mean:.2f} ({given}){weighs}. {answer}"


def share(part: float, whole: float) -> Share:
    """A share of `whole` with Wilson's interval."""
    return Share(*intervals.wilson(pd.Series([part]), pd.Series([whole])).iloc[0])


def rates(counts: pd.DataFrame, part: str) -> pd.DataFrame:
    """Rows of counts with the share of `part` among tickets: name, tickets, value, lower, upper."""
    known = counts[counts["tickets"] > 0].reset_index(drop=True)
    shares = intervals.wilson(known[part], known["tickets"]).set_axis(Share._fields, axis=1)
    return known[["name", "tickets"]].join(shares)


def churn_rates(churn: pd.DataFrame) -> pd.DataFrame:
    """One row per tier and kind of day: name, kind, value, lower, upper, counted.

    Tickets of one organisation leave or stay together, so an interval rests on the number of
    organisations, not of tickets.
    """
    kinds = {
        "any day": ("base_rate", "organisations"),
        "after a ticket": ("rate", "ticket_organisations"),
        "after a bad ticket": ("bad_rate", "bad_organisations"),
    }
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "name": churn["tier"],
                    "kind": kind,
                    "rate": churn[rate].astype(float),
                    "organisations": churn[organisations],
                }
            )
            for kind, (rate, organisations) in kinds.items()
        ]
    )
    # By tier, in the order that they came in, and by kind within.
    known = rows[rows["rate"].notna()].sort_index(kind="stable").reset_index(drop=True)
    counted = known["organisations"].astype(float)
    shares = intervals.wilson(known["rate"] * counted, counted).set_axis(Share._fields, axis=1)
    columns = ["name", "kind", *Share._fields, "organisations"]
    return known.join(shares)[columns].astype({"organisations": int})


def mean_score(scores: pd.DataFrame) -> float | None:
    """Mean of the scores; None if there are none."""
    ratings = int(scores["ratings"].sum())
    return float((scores["score"] * scores["ratings"]).sum() / ratings) if ratings else None


def interval_text(one: Share) -> str:
    """The interval in words, for a tooltip."""
    if isnan(one.value):
        return "Nothing was counted."
    return f"95% interval {one.lower:.1%} to {one.upper:.1%} (Wilson)."
