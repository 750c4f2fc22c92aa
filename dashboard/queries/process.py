"""What Bottleneck Analysis reads: flows between activities, variants, conformance."""

from typing import Final

import pandas as pd

from queries import Desk, Scope, among, read


def flows(desk: Desk, scope: Scope) -> pd.DataFrame:
    """One row per transition and group within the scope: how often, how many hours, if a timer.

    A transition belongs to the group that held the ticket while it waited.
    """
    return read(desk.version, _FLOWS, scope.parameters)


def transitions(desk: Desk) -> pd.DataFrame:
    """One row per transition over all the data, the most waiting hours first, timers last."""
    return read(desk.version, _TRANSITIONS)


def bottlenecks(desk: Desk) -> pd.DataFrame:
    """One row per group, the highest bottleneck score first; what the title answers from."""
    return read(desk.version, "from analysis.group_bottlenecks order by bottleneck_score desc")


def variants(desk: Desk, coverage: float) -> pd.DataFrame:
    """The most frequent variants that together cover a share of all tickets, at most 250."""
    return read(desk.version, _VARIANTS, {"coverage": coverage})


def top_variants(desk: Desk) -> pd.DataFrame:
    """The ten most frequent variants, with whether they follow the documented path."""
    return read(desk.version, _TOP_VARIANTS)


def conformance(desk: Desk) -> pd.DataFrame:
    """One row per measure of how finished tickets fit the path, indexed by measure."""
    return read(desk.version, "from analysis.conformance").set_index("measure")


def deviations(desk: Desk) -> pd.DataFrame:
    """One row per kind of deviation and activity, the most tickets first."""
    return read(desk.version, _DEVIATIONS)


def causes(desk: Desk) -> pd.DataFrame:
    """One row per transition and cause of its hours, the most hours first."""
    return read(desk.version, "from analysis.process_waits order by hours desc, cause")


def rework(desk: Desk) -> pd.DataFrame:
    """One row per kind of rework and activity, group or pair of groups; the most hours first."""
    return read(desk.version, "from analysis.rework order by hours desc, kind, subject")


def handovers(desk: Desk) -> pd.DataFrame:
    """One row per pair of groups between which tickets were passed on, the most first."""
    return read(desk.version, _HANDOVERS)


_HANDOVERS: Final = """
from analysis.handovers
order by handovers desc, from_group, to_group
"""

_FLOWS: Final = f"""
select
  flows.from_activity, flows.to_activity, flows.group_name,
  sum(flows.transitions)::bigint as transitions,
  sum(flows.total_hours) as total_hours,
  any_value(timers.is_timer) as is_timer
from marts.mart_process_flows as flows
join analysis.process_transitions as timers using (from_activity, to_activity)
where {among("flows.group_name", "groups")}
  and {among("flows.priority", "priorities")}
  and {among("flows.ticket_type", "types")}
group by all
order by all
"""

_TRANSITIONS: Final = """
from analysis.process_transitions
order by bottleneck_rank nulls last, total_hours desc, from_activity, to_activity
"""

_VARIANTS: Final = """
select variant_rank, variant, cases, share, cumulative_share
from analysis.process_variants
where cumulative_share - share < $coverage
order by variant_rank
limit 250
"""

_TOP_VARIANTS: Final = """
select
  variants.variant_rank, variants.variant, variants.cases, variants.share,
  variants.cumulative_share, variants.median_cycle_hours, aligned.is_conforming, aligned.deviations
from analysis.process_variants as variants
left join analysis.conformance_variants as aligned using (variant)
where variant_rank <= 10
order by variant_rank
"""

_DEVIATIONS: Final = """
select kind, activity, tickets, share, hours
from analysis.conformance_deviations
order by tickets desc, kind, activity
"""
