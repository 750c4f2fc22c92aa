"""What tickets wait for: an agent, the next shift, the customer, a third party, or nobody knows.

Belongs here: the cause of each hour between two events, such that the parts sum to the whole.
Does not belong here: which wait is a bottleneck (process_mining, bottlenecks).
"""

from typing import Final

import pandas as pd

from ops_tower.analysis.frames import Output

# By the status in which the ticket waits; new and open are split further by the clock.
CAUSE_BY_STATUS: Final = {
    "pending": "customer",
    "hold": "third_party",
    "solved": "after_solve",
    "closed": "after_solve",
}
CAUSES: Final = (
    "work",
    "queue",
    "off_shift",
    "customer",
    "third_party",
    "bounced_back",
    "after_solve",
    "unexplained",
)

PROCESS_WAITS: Final = Output(
    "process_waits",
    "One row per pair of activities and cause of the hours between them, most hours first.",
    {
        "from_activity": "text",
        "to_activity": "text",
        "cause": "text",
        "hours": "number",
        "share_of_transition": "number",
        "share_of_hours": "number",
        "transitions": "integer",
    },
)


def waiting_split(mart_transition_waits: pd.DataFrame) -> pd.DataFrame:
    """Give each hour between two events its cause; the causes sum to the whole, exactly.

    A ticket that is new or open waits for the desk: `work` is the recorded handling time that ended
    with the next event, `queue` the rest of the business hours, `off_shift` what lies outside the
    schedule. If the next event sends it back to the group it came from, all of it is
    `bounced_back`. Pending is the `customer`, hold a `third_party`, solved and closed
    `after_solve`. Where the source has no status the cause is `unexplained`; nothing is guessed.

    Args:
        mart_transition_waits: one row per from_activity, to_activity, status (after the first of
            the two; 'unknown' if no event told) and is_returned: transitions, total_hours,
            business_hours, handle_hours (at most business_hours).

    Returns:
        `process_waits`, without causes of no hours; shares in [0, 1].
    """
    if mart_transition_waits.empty:
        return PROCESS_WAITS.frame()
    frame = mart_transition_waits.copy()
    total = frame["total_hours"].astype(float)
    is_desk = frame["status"].isin(["new", "open"])
    is_bounced = is_desk & frame["is_returned"].astype(bool)
    is_waiting = is_desk & ~is_bounced
    business = frame["business_hours"].astype(float).clip(upper=total)
    worked = frame["handle_hours"].astype(float).clip(upper=business)
    hours = pd.DataFrame(0.0, index=frame.index, columns=list(CAUSES))
    hours["work"] = worked.where(is_waiting, 0.0)
    hours["queue"] = (business - worked).where(is_waiting, 0.0)
    hours["off_shift"] = (total - business).where(is_waiting, 0.0)
    hours["bounced_back"] = total.where(is_bounced, 0.0)
    for status, cause in CAUSE_BY_STATUS.items():
        hours[cause] += total.where(frame["status"] == status, 0.0)
    is_known = is_desk | frame["status"].isin(list(CAUSE_BY_STATUS))
    hours["unexplained"] = total.where(~is_known, 0.0)
    keys = ["from_activity", "to_activity"]
    long = frame[[*keys, "transitions"]].join(hours).melt([*keys, "transitions"], var_name="cause")
    long = long[long["value"] > 0]
    summed = long.groupby([*keys, "cause"], as_index=False).agg(
        hours=("value", "sum"), transitions=("transitions", "sum")
    )
    whole = summed.groupby(keys)["hours"].transform("sum")
    summed = summed.assign(
        share_of_transition=summed["hours"] / whole,
        share_of_hours=summed["hours"] / summed["hours"].sum(),
    )
    order = ["hours", *keys, "cause"]
    return PROCESS_WAITS.frame(summed.sort_values(order, ascending=[False, True, True, True]))
