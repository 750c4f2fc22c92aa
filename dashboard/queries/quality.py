"""What Quality Outcomes reads: scores, rates and their bases, churn after a ticket, drivers."""

from datetime import date, timedelta
from typing import Final, Literal

import pandas as pd

from queries import Desk, Scope, among, read

Dimension = Literal["group", "priority", "type"]
_COLUMNS: Final[dict[Dimension, str]] = {
    "group": "group_name",
    "priority": "priority",
    "type": "ticket_type",
}


def scores(desk: Desk, scope: Scope, first: date, last: date) -> pd.DataFrame:
    """How often each score from 1 to 5 came in between two days; five rows."""
    return read(desk.version, _SCORES, scope.parameters | {"first": first, "last": last})


def finished(
    desk: Desk, scope: Scope, first: date, last: date, by: Dimension = "group"
) -> pd.DataFrame:
    """Tickets finished between two days, per group, priority or type; the most first.

    Returns:
        name, tickets, rated, reopened, escalated. A group is the one that held the ticket last.
    """
    parameters = scope.parameters | {"first": first, "last": last}
    return read(desk.version, _FINISHED.replace("dimension", _COLUMNS[by]), parameters)


def escalations(desk: Desk, scope: Scope, first: date, last: date) -> pd.DataFrame:
    """Per group, tickets held and escalations out of it, over the whole months between two days."""
    parameters = scope.parameters | {"first": f"{first:%Y-%m}", "last": f"{last:%Y-%m}"}
    return read(desk.version, _ESCALATIONS, parameters)


def churn(desk: Desk) -> pd.DataFrame:
    """Per tier: who left within 90 days of a ticket, of a bad one, and of any day.

    Only tickets whose 90 days have passed count. A ticket is bad if it missed its targets or was
    rated 1 or 2. The base is the chance that an organisation leaves within any 90 days.
    """
    parameters = {"as_of": desk.as_of, "until": desk.as_of - timedelta(days=90)}
    return read(desk.version, _CHURN, parameters | {"first": desk.first_day})


def drivers(desk: Desk) -> pd.DataFrame:
    """What each driver adds to cycle time and to the score, with its interval."""
    return read(desk.version, "from analysis.drivers")


_IN_SCOPE: Final = f"""{among("group_name", "groups")}
  and {among("priority", "priorities")}
  and {among("ticket_type", "types")}"""

_SCORES: Final = f"""
with given as (
  select csat_score as score, count(*) as ratings
  from marts.mart_ticket_outcomes
  where csat_rated_at >= $first and csat_rated_at < $last::date + interval 1 day
    and {_IN_SCOPE}
  group by all
)
select score, coalesce(ratings, 0) as ratings
from (select unnest(range(1, 6)) as score) left join given using (score)
order by score
"""

_FINISHED: Final = f"""
select
  dimension as name,
  count(*) as tickets,
  count(csat_score) as rated,
  count_if(reopens > 0) as reopened,
  count_if(escalations > 0) as escalated
from marts.mart_ticket_outcomes
where is_finished and finished_at >= $first and finished_at < $last::date + interval 1 day
  and {_IN_SCOPE}
group by all
order by tickets desc, name
"""

_ESCALATIONS: Final = f"""
select
  group_name as name,
  sum(tickets)::bigint as tickets,
  least(sum(escalations_out), sum(tickets))::bigint as escalated
from marts.mart_group_performance
where period between $first and $last and {among("group_name", "groups")}
group by name
order by tickets desc, name
"""

_CHURN: Final = """
with organisations as (
  select
    organization_id, any_value(organization_tier) as tier, max(organization_churned_at) as left_at
  from marts.mart_ticket_outcomes
  where organization_id is not null and organization_tier is not null
  group by all
),
base as (
  select
    tier,
    count(*) as organisations,
    count_if(left_at >= $first and left_at <= $as_of) as churned,
    90 * count_if(left_at >= $first and left_at <= $as_of)
      / nullif(sum(greatest(date_diff('day', $first::date, least(left_at, $as_of)::date), 0)), 0)
      as base_rate
  from organisations
  group by tier
),
tickets as (
  select
    organization_tier as tier, organization_id, has_churned_within_90_days as has_left,
    coalesce(not is_sla_met, false) or coalesce(csat_score <= 2, false) as is_bad
  from marts.mart_ticket_outcomes
  where created_at <= $until and organization_id is not null and organization_tier is not null
    and (organization_churned_at is null or organization_churned_at >= created_at)
),
after as (
  select
    tier,
    count(*) as tickets, count(distinct organization_id) as ticket_organisations,
    avg(has_left::int) as rate,
    count_if(is_bad) as bad_tickets,
    count(distinct organization_id) filter (is_bad) as bad_organisations,
    avg(has_left::int) filter (is_bad) as bad_rate
  from tickets
  group by tier
)
select * from base join after using (tier) order by organisations desc, tier
"""
