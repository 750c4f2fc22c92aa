"""What moved SLA between two weeks: other tickets (mix) or the same tickets treated otherwise.

Belongs here: which days are compared since Monday, and the exact split of a change of a rate.
Does not belong here: how it is worded (brief).
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import pandas as pd

from ops_tower.analysis.frames import Output

KEYS: Final = ("group_name", "priority")

SLA_CHANGE: Final = Output(
    "sla_change",
    "One row per group and priority: its part in the change of attainment, the largest first.",
    {
        "group_name": "text",
        "priority": "text",
        "judged_before": "integer",
        "judged_now": "integer",
        "attainment_before": "number",
        "attainment_now": "number",
        "mix_effect": "number",
        "rate_effect": "number",
        "effect": "number",
        "desk_before": "number",
        "desk_now": "number",
        "first_day_before": "time",
        "first_day_now": "time",
    },
)


class Weeks(NamedTuple):
    """The days since Monday and the same weekdays before; each end is the midnight after."""

    first: datetime
    end: datetime
    before_first: datetime
    before_end: datetime


def since_monday(as_of: datetime) -> Weeks:
    """The whole days from the last Monday on, at most seven, and the same days a week before.

    Args:
        as_of: naive UTC. Its own day is not over and does not count, so at any time on a Monday
            the week is the one that ended with the Sunday before.
    """
    end = datetime(as_of.year, as_of.month, as_of.day)  # noqa: DTZ001, the clock is naive UTC
    first = end - timedelta(days=(end - timedelta(days=1)).weekday() + 1)
    week = timedelta(days=7)
    return Weeks(first, end, first - week, end - week)


def sla_change(mart_sla: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    """Split the change of attainment since Monday into mix and rate, by group and priority.

    With shares w and rates r of the cells before (0) and now (1) and the desk's rates R, a cell's
    mix effect is (w1 - w0) x (mean of r0 and r1 - mean of R0 and R1), its rate effect is mean of w0
    and w1 x (r1 - r0). Over all cells the two sum to R1 - R0 exactly. A cell that one of the two
    windows lacks has only a mix effect.

    Args:
        mart_sla: rows with denominator 'ticket' are used.
        as_of: naive UTC; the windows are those of `since_monday`.

    Returns:
        `sla_change`, effects as differences of shares (0.01 is one point). Empty where one of the
        windows has no judged ticket: then there is no change to speak of.

    Source: Kitagawa, Components of a difference between two rates, 1955.
    """
    weeks = since_monday(as_of)
    own = mart_sla[mart_sla["denominator"] == "ticket"]
    day = pd.to_datetime(own["date"])
    sums = [
        own[(day >= first) & (day < end)].groupby(list(KEYS))[["judged", "met"]].sum().astype(float)
        for first, end in ((weeks.before_first, weeks.before_end), (weeks.first, weeks.end))
    ]
    if any(window["judged"].sum() == 0 for window in sums):
        return SLA_CHANGE.frame()
    cells = sums[0].join(sums[1], how="outer", lsuffix="_before", rsuffix="_now").fillna(0.0)
    share, rate, desk = {}, {}, {}
    for window in ("before", "now"):
        judged, met = cells[f"judged_{window}"], cells[f"met_{window}"]
        share[window] = judged / judged.sum()
        rate[window] = met / judged.where(judged > 0)
        desk[window] = float(met.sum() / judged.sum())
    seen = {"before": rate["before"].fillna(rate["now"]), "now": rate["now"].fillna(rate["before"])}
    desk_mean = (desk["before"] + desk["now"]) / 2
    mix = (share["now"] - share["before"]) * ((seen["before"] + seen["now"]) / 2 - desk_mean)
    own_rate = (share["before"] + share["now"]) / 2 * (seen["now"] - seen["before"])
    frame = cells.assign(
        attainment_before=rate["before"],
        attainment_now=rate["now"],
        mix_effect=mix,
        rate_effect=own_rate,
        effect=mix + own_rate,
        desk_before=desk["before"],
        desk_now=desk["now"],
        first_day_before=weeks.before_first,
        first_day_now=weeks.first,
    ).reset_index()
    frame = frame.assign(size=frame["effect"].abs())
    return SLA_CHANGE.frame(frame.sort_values(["size", *KEYS], ascending=[False, True, True]))
