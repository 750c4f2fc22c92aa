"""Work done more than once: repeated activities, reopens, work after the solve, ping-pong.

Belongs here: who hands tickets to whom, how often they come back, and how sure that is.
Does not belong here: deviations from a documented path (conformance), waiting (waits).
"""

from typing import Final

import pandas as pd

from ops_tower.analysis.frames import Output
from ops_tower.analysis.intervals import wilson

HANDOVERS: Final = Output(
    "handovers",
    "One row per pair of groups between which tickets were passed on, most handovers first.",
    {
        "from_group": "text",
        "to_group": "text",
        "handovers": "integer",
        "tickets": "integer",
        "probability": "number",
        "held_hours": "number",
        "first_handovers": "integer",
        "returned": "integer",
        "share": "number",
        "lower_95": "number",
        "upper_95": "number",
        "returned_hours": "number",
    },
)

REWORK: Final = Output(
    "rework",
    "One row per kind of rework and activity or group, the most hours first.",
    {
        "kind": "text",
        "subject": "text",
        "tickets": "integer",
        "occurrences": "integer",
        "exposed_tickets": "integer",
        "share": "number",
        "lower_95": "number",
        "upper_95": "number",
        "hours": "number",
    },
)


def handovers(mart_handovers: pd.DataFrame) -> pd.DataFrame:
    """Describe the handover-of-work network between groups, and what comes straight back.

    `share` is the part of first-time handovers that the receiving group sends directly back to the
    group it had them from: ping-pong. A ticket that is sent a second time counts once, else every
    return would also look like a return of the way back.

    Args:
        mart_handovers: one row per from_group and to_group: handovers, tickets, held_hours,
            first_handovers (the ticket's first visit to to_group, and that visit is over),
            returned_handovers (of those, the next group is from_group again), returned_hours (held
            by to_group in them).

    Returns:
        `handovers`; `probability` is out of all handovers that leave `from_group`.

    Source: van der Aalst, Reijers and Song, Discovering social networks from event logs, 2005.
    """
    if mart_handovers.empty:
        return HANDOVERS.frame()
    frame = mart_handovers.rename(columns={"returned_handovers": "returned"})
    leaving = frame.groupby("from_group")["handovers"].transform("sum")
    frame = frame.assign(probability=frame["handovers"] / leaving)
    frame = frame.join(wilson(frame["returned"], frame["first_handovers"]))
    order = ["handovers", "from_group", "to_group"]
    return HANDOVERS.frame(frame.sort_values(order, ascending=[False, True, True]))


def rework(
    transitions: pd.DataFrame,
    activities: pd.DataFrame,
    mart_handovers: pd.DataFrame,
    mart_rework: pd.DataFrame,
) -> pd.DataFrame:
    """Count all kinds of rework with their exposure, their interval and their hours.

    * self_loop: an activity directly followed by itself; out of tickets with that activity.
    * reopen, work_after_solve: out of tickets that the group held at their first solve or later.
    * ping_pong_direct: handed over and sent directly back; out of first handovers.
    * ping_pong_indirect: back in a group after two others or more; out of the pair's handovers.

    Args:
        transitions: `process_transitions` (or its mart).
        activities: `mart_activities`: activity, cases.
        mart_handovers: as in `handovers`, and indirect_returns (handovers to a group that held the
            ticket before, except directly before from_group).
        mart_rework: one row per kind (reopen, work_after_solve) and group_name: tickets,
            occurrences, exposed_tickets, hours (until the next solve; worked after the solve).

    Returns:
        `rework`; `share` is tickets (handovers, for ping-pong) over exposed ones.
    """
    loops = transitions[transitions["from_activity"] == transitions["to_activity"]]
    loops = loops.merge(
        activities[["activity", "cases"]].rename(columns={"cases": "exposed_tickets"}),
        left_on="from_activity",
        right_on="activity",
        how="left",
    )
    pair = mart_handovers["from_group"].astype("string") + " → " + mart_handovers["to_group"]
    parts = [
        pd.DataFrame(
            {
                "kind": "self_loop",
                "subject": loops["from_activity"],
                "tickets": loops["cases"],
                "occurrences": loops["transitions"],
                "exposed_tickets": loops["exposed_tickets"],
                "hours": loops["total_hours"],
            }
        ),
        mart_rework.rename(columns={"group_name": "subject"}),
        pd.DataFrame(
            {
                "kind": "ping_pong_direct",
                "subject": pair,
                "tickets": mart_handovers["returned_handovers"],
                "occurrences": mart_handovers["returned_handovers"],
                "exposed_tickets": mart_handovers["first_handovers"],
                "hours": mart_handovers["returned_hours"],
            }
        ),
        pd.DataFrame(
            {
                "kind": "ping_pong_indirect",
                "subject": pair,
                "tickets": mart_handovers["indirect_returns"],
                "occurrences": mart_handovers["indirect_returns"],
                "exposed_tickets": mart_handovers["handovers"],
                # How long an indirect return takes is not the pair's own doing.
                "hours": None,
            }
        ),
    ]
    filled = [part.astype({"kind": "string"}) for part in parts if len(part)]
    if not filled:
        return REWORK.frame()
    frame = pd.concat([REWORK_COUNTS.frame(part) for part in filled], ignore_index=True)
    frame = frame[frame["occurrences"] > 0].reset_index(drop=True)
    frame = frame.join(wilson(frame["tickets"], frame["exposed_tickets"].fillna(0)))
    order = ["hours", "kind", "subject"]
    return REWORK.frame(frame.sort_values(order, ascending=[False, True, True]))


REWORK_COUNTS: Final = Output(
    "rework_counts",
    "The counted part of `rework`.",
    {name: kind for name, kind in REWORK.columns.items() if kind != "number" or name == "hours"},
)
