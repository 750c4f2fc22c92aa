"""Every question that the dashboard asks of the published file, as SQL.

Belongs here: SQL over the schemas `marts` and `analysis`, and the cached connection that runs it.
Each function takes the version that the page has resolved, so that one page never mixes two. Does
not belong here: what the figures mean (`measures`), how they look (`charts`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeAlias

import duckdb
import pandas as pd
import streamlit as st

from ops_tower import published

Value: TypeAlias = str | int | float | date | list[str] | None

PRIORITY_ORDER: Final = ("urgent", "high", "normal", "low")


@dataclass(frozen=True)
class Scope:
    """What the reader chose to look at; an empty choice means everything."""

    window_days: int = 30
    groups: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.groups or self.priorities or self.types)

    @property
    def parameters(self) -> dict[str, Value]:
        """The choice as bound parameters of a query."""
        return {
            "groups": list(self.groups),
            "priorities": list(self.priorities),
            "types": list(self.types),
        }


@dataclass(frozen=True)
class Desk:
    """The published version that a page reads, and what it says about itself."""

    version: str
    run_id: str
    source: str
    description: str
    as_of: datetime
    first_day: date
    tickets: int
    has_targets: bool
    groups: tuple[str, ...]
    priorities: tuple[str, ...]
    types: tuple[str, ...]


@st.cache_resource(max_entries=3, show_spinner=False)
def _connection(version: str) -> duckdb.DuckDBPyConnection:
    return published.connect(Path(version))


@st.cache_data(max_entries=2000, show_spinner=False)
def _read(version: str, sql: str, parameters: dict[str, Value]) -> pd.DataFrame:
    with _connection(version).cursor() as cursor:
        return cursor.execute(sql, parameters).df()


def read(version: str, sql: str, parameters: Mapping[str, Value] | None = None) -> pd.DataFrame:
    """Run one query on one version; a cursor of its own keeps readers out of each other's results.

    Args:
        version: path of the published file.
        sql: the query; `$name` marks a bound value.
        parameters: values by name; those that the query does not mention are left out.

    Raises:
        duckdb.Error: the version is gone or lacks a table; the page says so.
    """
    named = {name: value for name, value in (parameters or {}).items() if f"${name}" in sql}
    return _read(version, sql, named)


def about(version: str) -> Desk:
    """What the version says about itself, and the values that its filters offer."""
    run = read(version, _ABOUT).iloc[0]
    choices = read(version, _CHOICES)

    def values(dimension: str) -> tuple[str, ...]:
        return tuple(choices.loc[choices["dimension"] == dimension, "value"])

    known = values("priority")
    return Desk(
        version=version,
        run_id=str(run["run_id"]),
        source=str(run["source"]),
        description=str(run["description"]),
        as_of=run["as_of"].to_pydatetime(),
        first_day=run["first_event_at"].date(),
        tickets=int(run["tickets"]),
        has_targets=bool(run["has_targets"]),
        groups=values("group"),
        priorities=tuple(name for name in PRIORITY_ORDER if name in known),
        types=values("type"),
    )


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


def answers(desk: Desk) -> list[str]:
    """The five answers in words, in the order of the questions."""
    return list(read(desk.version, "select answer from analysis.answers order by rank")["answer"])


_ABOUT: Final = """
select run_id, run.source, source.description, run.as_of, source.first_event_at, run.tickets,
  exists (from marts.mart_sla) as has_targets
from analysis.run_info as run cross join marts.mart_source as source
"""

_CHOICES: Final = """
select distinct 'group' as dimension, group_name as value from marts.mart_daily_ops
union all
select distinct 'priority', priority from marts.mart_ticket_outcomes where priority is not null
union all
select distinct 'type', ticket_type from marts.mart_ticket_outcomes where ticket_type is not null
order by all
"""

_DAILY: Final = """
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
    and (len($groups::varchar[]) = 0 or list_contains($groups::varchar[], group_name))
  group by date
),
-- The mart books a cost on the day of the work; a cost per finished ticket follows the ticket.
spent as (
  select finished_at::date as date, sum(cost_usd) as cost_usd, count(cost_usd) as costed_tickets
  from marts.mart_ticket_outcomes
  where is_finished and finished_at >= $first and finished_at < $last::date + interval 1 day
    and (len($groups::varchar[]) = 0 or list_contains($groups::varchar[], group_name))
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

_DAILY_FROM_TICKETS: Final = """
with spine as (
  select unnest(generate_series($first::date, $last::date, interval 1 day))::date as date
),
tickets as (
  select * from marts.mart_ticket_outcomes
  where (len($priorities::varchar[]) = 0 or list_contains($priorities::varchar[], priority))
    and (len($types::varchar[]) = 0 or list_contains($types::varchar[], ticket_type))
),
created as (
  select created_date as date, count(*) as created_tickets
  from tickets
  where len($groups::varchar[]) = 0 or list_contains($groups::varchar[], first_group_name)
  group by all
),
held as (
  select * from tickets
  where len($groups::varchar[]) = 0 or list_contains($groups::varchar[], group_name)
),
judged as (
  select
    sla_judged_at::date as date,
    count_if(is_sla_met) as met_tickets,
    count(is_sla_met) as judged_tickets
  from tickets
  where sla_judged_at is not null
    and (len($groups::varchar[]) = 0 or list_contains($groups::varchar[], sla_group_name))
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

_ANOMALIES: Final = """
select date, metric, group_name, value, expected, z_score
from analysis.anomalies
where date >= $first
  and (len($groups::varchar[]) = 0 or list_contains($groups::varchar[], group_name))
order by abs(z_score) desc, date, metric, group_name
"""

_ATTAINMENT: Final = """
select
  group_name, priority, ticket_type, denominator, metric,
  sum(judged) as judged, sum(met) as met, sum(breached) as breached
from marts.mart_sla
where date between $first and $last
  and (len($groups::varchar[]) = 0 or list_contains($groups::varchar[], group_name))
  and (len($priorities::varchar[]) = 0 or list_contains($priorities::varchar[], priority))
  and (len($types::varchar[]) = 0 or list_contains($types::varchar[], ticket_type))
group by all
order by all
"""
