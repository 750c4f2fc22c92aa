"""What the Executive Overview reads: days, attainment, anomalies, what moved, the brief."""

from datetime import date
from typing import Final

import pandas as pd

from queries import Desk, Scope, among, read


def daily(desk: Desk, scope: Scope, first: date, last: date) -> pd.DataFrame:
    """One row per day from `first` to `last`, with the summable columns of `mart_daily_ops`.

    The mart knows no priority and no type. A scope that names one is counted from the tickets
    themselves, by the same definitions.
    """
    sql = _DAILY_FROM_TICKETS if scope.priorities or scope.types else _DAILY
    days = read(desk.version, sql, scope.parameters | {"first": first, "last": last})
    return days.set_index("date")


def anomalies(desk: Desk, scope: Scope, first: date) -> pd.DataFrame:
    """Days on or after `first` that stand out from the same weekday's history, the oddest first."""
    return read(desk.version, _ANOMALIES, {"groups": list(scope.groups), "first": first})


def attainment(desk: Desk, scope: Scope, first: date, last: date) -> pd.DataFrame:
    """`mart_sla` between two days, summed over them; the frame that the SLA answer reads."""
    return read(desk.version, _ATTAINMENT, scope.parameters | {"first": first, "last": last})


def sla_change(desk: Desk, scope: Scope) -> pd.DataFrame:
    """What moved SLA since Monday, by group and priority, the largest first."""
    return read(desk.version, _SLA_CHANGE, scope.parameters)


def monday_brief(desk: Desk) -> pd.Series:
    """The Monday brief as the pipeline wrote it; its text by form: markdown, html."""
    return read(desk.version, "from analysis.monday_brief").set_index("form")["text"]


_DAILY: Final = f"""
with spine as (
  select unnest(generate_series($first::date, $last::date, interval 1 day))::date as date
),
sums as (
  select
    date,
    sum(created_tickets) as created_tickets,
    sum(met_tickets) as met_tickets,
    sum(judged_tickets) as judged_tickets,
    sum(cycle_hours_sum) as cycle_hours_sum,
    sum(finished_tickets) as finished_tickets,
    sum(backlog_tickets) as backlog_tickets,
    sum(csat_score_sum) as csat_score_sum,
    sum(ratings) as ratings
  from marts.mart_daily_ops
  where date between $first and $last
    and {among("group_name", "groups")}
  group by date
),
-- The mart books a cost on the day of the work; a cost per finished ticket follows the ticket.
spent as (
  select finished_at::date as date, sum(cost_usd) as cost_usd, count(cost_usd) as costed_tickets
  from marts.mart_ticket_outcomes
  where is_finished and finished_at >= $first and finished_at < $last::date + interval 1 day
    and {among("group_name", "groups")}
  group by all
)
select
  date,
  coalesce(columns([
    'created_tickets', 'met_tickets', 'judged_tickets', 'cycle_hours_sum', 'finished_tickets',
    'backlog_tickets', 'cost_usd', 'costed_tickets', 'csat_score_sum', 'ratings'
  ]), 0)::double
from spine
left join sums using (date)
left join spent using (date)
order by date
"""

_DAILY_FROM_TICKETS: Final = f"""
with spine as (
  select unnest(generate_series($first::date, $last::date, interval 1 day))::date as date
),
tickets as (
  select * from marts.mart_ticket_outcomes
  where {among("priority", "priorities")}
    and {among("ticket_type", "types")}
),
created as (
  select created_date as date, count(*) as created_tickets
  from tickets
  where {among("first_group_name", "groups")}
  group by all
),
held as (
  select * from tickets
  where {among("group_name", "groups")}
),
judged as (
  select
    sla_judged_at::date as date,
    count_if(is_sla_met) as met_tickets,
    count(is_sla_met) as judged_tickets
  from tickets
  where sla_judged_at is not null
    and {among("sla_group_name", "groups")}
  group by all
),
finished as (
  select
    finished_at::date as date,
    sum(cycle_hours) as cycle_hours_sum,
    count(*) as finished_tickets,
    sum(cost_usd) as cost_usd,
    count(cost_usd) as costed_tickets
  from held where is_finished
  group by all
),
rated as (
  select
    csat_rated_at::date as date,
    sum(csat_score) as csat_score_sum,
    count(csat_score) as ratings
  from held where csat_score is not null
  group by all
),
moves as (
  select greatest(created_at::date, $first) as date, 1 as move from held
  union all
  select greatest(finished_at::date, $first), -1 from held where is_finished
),
open as (
  select date, sum(coalesce(move, 0)) over (order by date) as backlog_tickets
  from spine left join (select date, sum(move) as move from moves group by all) using (date)
)
select
  date,
  coalesce(columns([
    'created_tickets', 'met_tickets', 'judged_tickets', 'cycle_hours_sum', 'finished_tickets',
    'backlog_tickets', 'cost_usd', 'costed_tickets', 'csat_score_sum', 'ratings'
  ]), 0)::double
from spine
left join created using (date)
left join judged using (date)
left join finished using (date)
left join rated using (date)
left join open using (date)
order by date
"""

_ANOMALIES: Final = f"""
select date, metric, group_name, value, expected, z_score
from analysis.anomalies
where date >= $first
  and {among("group_name", "groups")}
order by abs(z_score) desc, date, metric, group_name
"""

_SLA_CHANGE: Final = f"""
from analysis.sla_change
where {among("group_name", "groups")} and {among("priority", "priorities")}
order by abs(effect) desc, group_name, priority
"""

_ATTAINMENT: Final = f"""
select
  group_name, priority, ticket_type, denominator, metric,
  sum(judged) as judged, sum(met) as met, sum(breached) as breached
from marts.mart_sla
where date between $first and $last
  and {among("group_name", "groups")}
  and {among("priority", "priorities")}
  and {among("ticket_type", "types")}
group by all
order by all
"""
