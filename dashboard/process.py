"""What Bottleneck Analysis says: where tickets wait, how they flow, in frames and sentences.

Belongs here: sums over flows, the layers of the flow diagram, the order of activities. Does not
belong here: SQL, layout; and no mining, which the pipeline has done.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

import pandas as pd

from ops_tower.analysis import answers

SEPARATOR: Final = " > "
MOST_STEPS: Final = 8
END: Final = "…"


CAUSES: Final = {
    "work": "Work",
    "queue": "Queue, on shift",
    "off_shift": "Nobody on shift",
    "customer": "Customer",
    "third_party": "Third party",
    "bounced_back": "Bounced back",
    "after_solve": "After the solve",
    "unexplained": "Unexplained",
}
REWORK: Final = {
    "reopen": "Reopened",
    "work_after_solve": "Worked on after the solve",
    "self_loop": "Repeated at once",
    "ping_pong_direct": "Sent straight back",
    "ping_pong_indirect": "Sent back in a circle",
}


class Link(NamedTuple):
    """Tickets that go from one activity to another, at one step of their way."""

    step: int
    source: str
    target: str
    tickets: int


def headline(bottlenecks: pd.DataFrame, transitions: pd.DataFrame, waits: pd.DataFrame) -> str:
    """Where tickets pile up; within a narrowed scope, which step holds most of their waiting.

    Args:
        bottlenecks: `group_bottlenecks`.
        transitions: `process_transitions`.
        waits: `waiting` of the narrowed scope; empty if nothing is left out.
    """
    if waits.empty:
        return answers.pile_up(bottlenecks, transitions)
    worst = waits.iloc[0]
    return f"{worst['step']} holds {worst['share']:.1%} of all waiting hours of this choice."


def waiting(flows: pd.DataFrame) -> pd.DataFrame:
    """One row per transition by hours waited, the most first; timers are set apart.

    Returns:
        step, from_activity, to_activity, transitions, total_hours, mean_hours, share (of the
        waiting hours), indexed 0..n-1.
    """
    own = flows[~flows["is_timer"].astype(bool)]
    sums = own.groupby(["from_activity", "to_activity"], as_index=False)[
        ["transitions", "total_hours"]
    ].sum()
    hours = sums["total_hours"].sum()
    sums["step"] = sums["from_activity"] + " → " + sums["to_activity"]
    sums["mean_hours"] = sums["total_hours"] / sums["transitions"]
    sums["share"] = sums["total_hours"] / hours if hours else 0.0
    return sums.sort_values(["total_hours", "step"], ascending=[False, True], ignore_index=True)


def timers(flows: pd.DataFrame) -> list[str]:
    """Transitions that a clock ends, not a person."""
    own = flows[flows["is_timer"].astype(bool)]
    return sorted(set(own["from_activity"] + " → " + own["to_activity"]))


def activity_order(variants: pd.DataFrame) -> list[str]:
    """Activities by their mean place in a ticket's way, weighted by tickets."""
    places: dict[str, list[float]] = {}
    for variant, cases in zip(variants["variant"], variants["cases"], strict=True):
        for place, activity in enumerate(variant.split(SEPARATOR)):
            total = places.setdefault(activity, [0.0, 0.0])
            total[0] += place * cases
            total[1] += cases
    return sorted(places, key=lambda activity: places[activity][0] / places[activity][1])


def causes_of(causes: pd.DataFrame, step: pd.Series) -> pd.DataFrame:
    """What one step's hours were spent on: cause, hours, share; the most first."""
    own = causes[
        (causes["from_activity"] == step["from_activity"])
        & (causes["to_activity"] == step["to_activity"])
        & (causes["hours"] > 0)
    ].sort_values("hours", ascending=False)
    return pd.DataFrame(
        {
            "cause": own["cause"].map(CAUSES).fillna(own["cause"]),
            "hours": own["hours"],
            "share": own["share_of_transition"],
        }
    ).reset_index(drop=True)


def matrix(flows: pd.DataFrame, order: Iterable[str], *, by_hours: bool) -> pd.DataFrame:
    """Transitions from each row's activity to each column's: counts, or mean hours.

    Activities that the order does not know stand last; a pair that never happened is NaN.
    """
    sums = flows.groupby(["from_activity", "to_activity"])[["transitions", "total_hours"]].sum()
    values = sums["total_hours"] / sums["transitions"] if by_hours else sums["transitions"]
    table = values.astype(float).unstack()  # noqa: PD010  (the index is a pair already)
    known = list(order)
    rest = sorted(set(table.index) | set(table.columns) - set(known))
    names = [*known, *(name for name in rest if name not in known)]
    rows = [name for name in names if name in table.index]
    columns = [name for name in names if name in table.columns]
    return table.loc[rows, columns]


def links(variants: pd.DataFrame) -> list[Link]:
    """The variants as a layered flow: one layer per step, ways beyond the last layer cut short."""
    totals: dict[tuple[int, str, str], int] = {}
    for variant, cases in zip(variants["variant"], variants["cases"], strict=True):
        way = variant.split(SEPARATOR)
        if len(way) > MOST_STEPS:
            way = [*way[: MOST_STEPS - 1], END]
        for step, (source, target) in enumerate(pairwise(way)):
            key = (step, source, target)
            totals[key] = totals.get(key, 0) + int(cases)
    return [Link(*key, tickets) for key, tickets in sorted(totals.items())]
