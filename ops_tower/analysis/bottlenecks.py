"""Which group holds tickets up, how much, and whether by cycle time, volume, breaches or staff.

Belongs here: the score of a group and the test that decides whether any group deserves the name.
Does not belong here: bottlenecks among transitions (process_mining), staffing plans (capacity).
"""

from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from ops_tower.analysis.frames import Output

# The leader is named only if the next group stays this far behind on the scale of 100.
CLEAR_LEAD: Final = 10.0
# Signs of strain; the leader needs at least one, else the desk has no bottleneck.
STRAINED_BREACH_RATIO: Final = 1.25  # of the desk's breach rate
STRAINED_CYCLE_RATIO: Final = 1.5  # of the other groups' typical hours, when breaches are unknown
DEFAULT_OCCUPANCY: Final = 0.85  # where the capacity seed gives no target

GROUP_BOTTLENECKS: Final = Output(
    "group_bottlenecks",
    "One row per group, the worst first.",
    {
        "group_name": "text",
        "bottleneck_score": "number",
        "tickets": "integer",
        "median_cycle_hours": "number",
        "breach_rate": "number",
        "utilisation": "number",
        "driver": "text",
        "is_bottleneck": "flag",
        "cycle_part": "number",
        "volume_part": "number",
        "breach_part": "number",
        "judged_targets": "integer",
        "breached_targets": "integer",
        "parts_used": "text",
        "reason": "text",
    },
)

_PARTS: Final = {
    "cycle_part": ("median_cycle_hours", "cycle time"),
    "volume_part": ("tickets", "volume"),
    "breach_part": ("breach_rate", "breach rate"),
}


def group_bottlenecks(
    performance: pd.DataFrame, capacity: pd.DataFrame, first_at: datetime, last_at: datetime
) -> pd.DataFrame:
    """Score each group by cycle time x volume x breach rate, and say what drives its score.

    Each part is divided by its largest value over the groups, so it lies in [0, 1]; the product is
    scaled so that the worst group has 100. Where no target was ever judged the breach part is
    unknown and the score is made of the two others; `parts_used` and `reason` say so.

    A group is named the bottleneck only if it leads by ten points and shows strain: staff beyond
    the target occupancy, or breaches at 1.25 times the desk's rate; where neither staff nor
    targets are known, hours at 1.5 times the median of the other groups.

    Args:
        performance: `mart_group_performance`; the rows of period 'all' are used.
        capacity: `mart_capacity`, one row per group; may be empty.
        first_at: first instant of the data, naive UTC.
        last_at: the as-of instant, naive UTC; staff are counted over the weekdays between the two.

    Returns:
        `group_bottlenecks`; hours are calendar hours in the group per ticket, `utilisation` is
        minutes of work done over minutes that the staff can work, NULL where staff are unknown.
        `driver` is 'capacity' beyond the target occupancy, else the part that stands out most
        against the other groups, NULL with a single group.
    """
    frame = performance[performance["period"] == "all"].copy()
    if frame.empty:
        return GROUP_BOTTLENECKS.frame()
    frame = frame.reset_index(drop=True)
    frame["breach_rate"] = _rate(frame["breached_targets"], frame["judged_targets"])
    known = float(frame["judged_targets"].fillna(0).sum()) > 0
    for part, (column, _) in _PARTS.items():
        values = frame[column].astype(float).fillna(0.0)
        worst = values.max()
        frame[part] = values / worst if worst > 0 else 0.0
    used = ["cycle_part", "volume_part", *(["breach_part"] if known else [])]
    product = frame[used].prod(axis=1)
    # Where all parts of some group are nothing (no breach anywhere), nobody is the worst.
    frame["bottleneck_score"] = 100 * product / product.max() if product.max() > 0 else 0.0
    frame["parts_used"] = " x ".join(_PARTS[part][1] for part in used)
    if not known:
        frame["breach_part"] = np.nan
    staff = _utilisation(capacity, first_at, last_at)
    frame = frame.merge(staff, on="group_name", how="left")
    frame["driver"] = _drivers(frame, used)
    frame = frame.sort_values(["bottleneck_score", "group_name"], ascending=[False, True])
    frame = frame.reset_index(drop=True)
    named, reason = _verdict(frame, is_breach_known=known)
    frame["is_bottleneck"] = [named and place == 0 for place in range(len(frame))]
    frame["reason"] = [reason] * len(frame)
    return GROUP_BOTTLENECKS.frame(frame)


def _rate(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Divide two counts; NaN where nothing was counted."""
    return part.astype(float) / whole.astype(float).where(whole.astype(float) > 0)


def _utilisation(capacity: pd.DataFrame, first_at: datetime, last_at: datetime) -> pd.DataFrame:
    """Work done over work that the staff can do, per group, over the weekdays of the data."""
    days = max(int(np.busday_count(first_at.date(), last_at.date())), 1)
    can = 60.0 * capacity["fte"] * days * capacity["hours_per_day"] * (1 - capacity["shrinkage"])
    can = can.astype(float)
    return pd.DataFrame(
        {
            "group_name": capacity["group_name"],
            "utilisation": capacity["handle_minutes"].astype(float) / can.where(can > 0),
            "target_occupancy": capacity["target_occupancy"].astype(float),
        }
    )


def _drivers(frame: pd.DataFrame, used: list[str]) -> list[str | None]:
    """Name what stands out in each group: staff beyond their target, or one of the parts."""
    names: list[str | None] = []
    for place, row in frame.iterrows():
        over = row["utilisation"] > _occupancy(row["target_occupancy"])
        others = frame.drop(index=place)
        if over:
            names.append("capacity")
        elif others.empty:
            names.append(None)
        else:
            # A part at twice the others' mean stands out as much as another part at half of it
            # does not; a floor keeps a part of zero from deciding everything.
            stands_out = {part: (row[part] + 0.01) / (others[part].mean() + 0.01) for part in used}
            names.append(_PARTS[max(stands_out, key=lambda part: stands_out[part])][1])
    return names


def _occupancy(value: float) -> float:
    return DEFAULT_OCCUPANCY if np.isnan(value) else value


def _verdict(  # noqa: PLR0911 - one return per reason
    frame: pd.DataFrame, *, is_breach_known: bool
) -> tuple[bool, str]:
    """Decide whether the first row is a bottleneck, and say why or why not."""
    first = frame.iloc[0]
    name = first["group_name"]
    basis = "" if is_breach_known else "No target was judged, so breaches are left out. "
    if len(frame) == 1:
        return False, f"{basis}There is one group, so none can be worse than the others."
    if first["bottleneck_score"] == 0:
        return False, f"{basis}No group has all parts of the score."
    second = frame.iloc[1]
    if first["bottleneck_score"] - second["bottleneck_score"] < CLEAR_LEAD:
        return False, (
            f"{basis}{name} and {second['group_name']} are too close: "
            f"100 and {second['bottleneck_score']:.0f}."
        )
    if first["utilisation"] > _occupancy(first["target_occupancy"]):
        return True, f"{basis}{name} works at {first['utilisation']:.0%} of what its staff can do."
    desk_rate = frame["breached_targets"].sum() / max(frame["judged_targets"].sum(), 1)
    if is_breach_known and first["breach_rate"] >= STRAINED_BREACH_RATIO * desk_rate > 0:
        return True, (
            f"{name} breaches {first['breach_rate']:.1%} of its targets, the desk {desk_rate:.1%}."
        )
    typical = frame["median_cycle_hours"].iloc[1:].median()
    is_blind = not is_breach_known and np.isnan(first["utilisation"])
    if is_blind and first["median_cycle_hours"] >= STRAINED_CYCLE_RATIO * typical:
        return True, (
            f"{basis}{name} had {first['tickets']:,.0f} tickets and held each "
            f"{first['median_cycle_hours']:,.1f} h; the median of the other groups is "
            f"{frame['tickets'].iloc[1:].median():,.0f} tickets and {typical:,.1f} h."
        )
    if is_blind:
        return False, f"{basis}{name} leads by volume; its tickets take no longer than others'."
    return False, f"{basis}{name} leads, yet neither its staff nor its targets show strain."
