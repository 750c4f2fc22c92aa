"""What Queue Performance reads: targets at risk, open tickets, groups by bottleneck score."""

from datetime import date
from typing import Final

import pandas as pd

from queries import Desk, Scope, among, read


def targets(desk: Desk, scope: Scope) -> pd.DataFrame:
    """Open targets with their risk; the least time left first, breached ones last."""
    return read(desk.version, _TARGETS, scope.parameters)


def open_tickets(desk: Desk, scope: Scope) -> pd.DataFrame:
    """One row per group with open tickets: how many, by age, and the age of the oldest."""
    return read(desk.version, _OPEN, scope.parameters | {"as_of": desk.as_of})


def groups(desk: Desk, scope: Scope, first: date, last: date) -> pd.DataFrame:
    """One row per group, the highest bottleneck score first.

    Score and parts come from all the data; attainment from the window and the scope. A group that
    the scope leaves out is not in it.
    """
    return read(desk.version, _GROUPS, scope.parameters | {"first": first, "last": last})


_TARGETS: Final = f"""
select
  ticket_id, external_id, subject, group_name, priority, ticket_type, metric, minutes_left, due_at,
  is_business_hours, breach_probability, severity
from analysis.open_target_risk
where {among("group_name", "groups")}
  and {among("priority", "priorities")}
  and {among("ticket_type", "types")}
order by severity = 'breached', minutes_left, ticket_id, metric
"""

_OPEN: Final = f"""
with open as (
  select group_name, date_diff('second', created_at, $as_of) / 86400 as age_days
  from marts.mart_ticket_outcomes
  where not is_finished
    and {among("group_name", "groups")}
    and {among("priority", "priorities")}
    and {among("ticket_type", "types")}
)
select
  group_name,
  count(*) as tickets,
  count_if(age_days < 1) as "under 1 day",
  count_if(age_days >= 1 and age_days < 3) as "1 to 3 days",
  count_if(age_days >= 3 and age_days < 7) as "3 to 7 days",
  count_if(age_days >= 7) as "7 days or more",
  max(age_days) as oldest_days
from open
group by group_name
order by tickets desc, group_name
"""

_GROUPS: Final = f"""
with judged as (
  select group_name, sum(judged) as judged, sum(met) as met
  from marts.mart_sla
  where denominator = 'ticket' and date between $first and $last
    and {among("priority", "priorities")}
    and {among("ticket_type", "types")}
  group by group_name
)
select
  bottlenecks.*,
  coalesce(judged.judged, 0) as judged_in_window,
  judged.met / judged.judged as attainment
from analysis.group_bottlenecks as bottlenecks
left join judged using (group_name)
where {among("group_name", "groups")}
order by bottleneck_score desc nulls last, group_name
"""
