"""A tiny published desk whose figures can be worked out by hand.

Every ticket follows one rule, so that a test can state its expectation as arithmetic. Belongs here:
the tickets, and the tables of the published file that the dashboard reads, derived from them in the
plainest SQL. Does not belong here: what a page should show; tests say that.

The rule. Each of the last `DAYS` days before `as_of`:
* Tier 1 Support receives 4 tickets (6 in the last 30 days), finished after 20 hours, for 10 USD.
* Tier 2 Specialists receive 2, finished after 60 hours, for 30 USD.
* Engineering receives 1, finished after 100 hours, for 50 USD.
* All are created at 10:00 and judged when they are finished. The first ticket of Tier 2 on each day
  misses its targets; so does every ticket of Engineering that was created in the last 30 days.
* The first ticket of each group on each day is rated when it is finished: Tier 1 gets a 4,
  Tier 2 a 3, Engineering a 5.
"""

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from ops_tower import published

DAYS = 120
GROUPS = ("Tier 1 Support", "Tier 2 Specialists", "Engineering")
PRIORITIES = ("low", "normal", "high", "urgent")
TYPES = ("question", "incident", "problem", "task")
MONDAY = datetime(2026, 3, 2)  # noqa: DTZ001  (the project's clocks are naive UTC)

_HOURS = {"Tier 1 Support": 20, "Tier 2 Specialists": 60, "Engineering": 100}
_COST = {"Tier 1 Support": 10.0, "Tier 2 Specialists": 30.0, "Engineering": 50.0}
_SCORE = {"Tier 1 Support": 4, "Tier 2 Specialists": 3, "Engineering": 5}


def tickets(as_of: datetime = MONDAY) -> pd.DataFrame:
    """Every ticket of the desk, by the rule above; one row each, in order of creation."""
    rows = []
    for day in range(DAYS, 0, -1):
        created = as_of.replace(hour=0, minute=0) - timedelta(days=day) + timedelta(hours=10)
        is_recent = day <= 30
        for group, count in zip(GROUPS, (6 if is_recent else 4, 2, 1), strict=True):
            for place in range(count):
                number = len(rows) + 1
                finished = created + timedelta(hours=_HOURS[group])
                is_finished = finished <= as_of
                is_first = place == 0
                is_missed = (group == GROUPS[1] and is_first) or (group == GROUPS[2] and is_recent)
                rows.append(
                    {
                        "ticket_id": number,
                        "external_id": f"T-{number}",
                        "subject": f"Question number {number}",
                        "ticket_type": TYPES[number // 4 % 4],
                        "priority": PRIORITIES[number % 4],
                        "group_name": group,
                        "created_at": created,
                        "finished_at": finished if is_finished else None,
                        "cycle_hours": float(_HOURS[group]) if is_finished else None,
                        "cost_usd": _COST[group] if is_finished else 0.0,
                        "csat_score": _SCORE[group] if is_finished and is_first else None,
                        "is_sla_met": (not is_missed) if is_finished else None,
                    }
                )
    frame = pd.DataFrame(rows)
    frame["is_sla_met"] = frame["is_sla_met"].astype("boolean")
    frame["csat_score"] = frame["csat_score"].astype("Int64")
    return frame


def publish(
    home: Path, as_of: datetime = MONDAY, *, run_id: str = "1", rows: int | None = None
) -> Path:
    """Publish the desk into `home` and return the version's real path.

    Args:
        home: the home folder; its `published/` is made.
        as_of: the data's own now.
        run_id: names the version; publish again under another id to test the refresh.
        rows: keep only the first so many tickets; None keeps all.
    """
    home.mkdir(parents=True, exist_ok=True)
    warehouse = home / "ops.duckdb"
    warehouse.unlink(missing_ok=True)
    desk = tickets(as_of)
    desk = desk if rows is None else desk.head(rows)
    with duckdb.connect(str(warehouse)) as connection:
        connection.register("desk", desk)
        connection.execute(
            "create table facts as select $as_of::timestamp as as_of, $run_id as run_id",
            {"as_of": as_of, "run_id": run_id},
        )
        for statement in _SQL.split(";\n"):
            if statement.strip():
                connection.execute(statement)
    return published.publish(warehouse, home / "published", run_id)


_SQL = """
create schema marts;
create schema analysis;

create table marts.mart_ticket_outcomes as
select
  ticket_id, external_id, subject, ticket_type, priority, 'email' as channel,
  if(finished_at is null, 'open', 'solved') as status,
  group_name, group_name as first_group_name, ticket_id % 9 as assignee_id,
  created_at, created_at::date as created_date,
  finished_at as first_solved_at, finished_at as solved_at, null::timestamp as closed_at,
    finished_at,
  finished_at is not null as is_finished,
  cycle_hours, cycle_hours / 2 as cycle_business_hours,
  created_at + interval 30 minute as first_reply_at, 30.0 as first_reply_minutes,
  30.0 as first_reply_business_minutes,
  5 as events, 2 as public_agent_replies, 0 as reopens, 0 as escalations, 0 as reassignments,
  20.0 as handle_minutes, cost_usd, csat_score, if(csat_score is null, null,
    finished_at) as csat_rated_at,
  is_sla_met, if(is_sla_met is null, null, finished_at) as sla_judged_at,
  if(is_sla_met = false, group_name, null) as breached_group_name, group_name as sla_group_name
from desk;

create table marts.mart_daily_ops as
with days as (
  select unnest(generate_series(
    (select min(created_at)::date from desk),
      (select (as_of - interval 1 microsecond)::date from facts),
    interval 1 day))::date as date
),
cells as (select date, group_name from days, (select distinct group_name from desk)),
created as (
  select created_at::date as date, group_name, count(*) as created_tickets,
    30.0 * count(*) as first_reply_minutes_sum
  from desk group by all
),
finished as (
  select finished_at::date as date, group_name, count(*) as finished_tickets,
    sum(cycle_hours) as cycle_hours_sum,
    count(is_sla_met) as judged_tickets, count_if(is_sla_met) as met_tickets,
    count(csat_score) as ratings, coalesce(sum(csat_score), 0)::double as csat_score_sum,
      sum(cost_usd) as cost_usd
  from desk where finished_at is not null group by all
),
open as (
  select date, cells.group_name, count(*) as backlog_tickets
  from cells join desk on desk.group_name = cells.group_name
    and created_at < date + interval 1 day
    and (finished_at is null or finished_at >= date + interval 1 day)
  group by all
)
select
  date, group_name,
  coalesce(created_tickets, 0) as created_tickets,
  coalesce(finished_tickets, 0) as solved_tickets, 0::bigint as closed_tickets,
    0::bigint as reopened_tickets,
  coalesce(backlog_tickets, 0) as backlog_tickets,
  coalesce(backlog_tickets, 0) as backlog_0_1_days, 0::bigint as backlog_1_3_days,
  0::bigint as backlog_3_7_days, 0::bigint as backlog_7_plus_days,
  coalesce(finished_tickets, 0) as finished_tickets, coalesce(cycle_hours_sum,
    0.0) as cycle_hours_sum,
  coalesce(created_tickets, 0) as first_replies, coalesce(first_reply_minutes_sum,
    0.0) as first_reply_minutes_sum,
  coalesce(first_reply_minutes_sum, 0.0) as first_reply_business_minutes_sum,
  coalesce(judged_tickets, 0) as judged_tickets, coalesce(met_tickets, 0) as met_tickets,
  coalesce(ratings, 0) as ratings, coalesce(csat_score_sum, 0.0) as csat_score_sum,
  20.0 * coalesce(finished_tickets, 0) as handle_minutes, coalesce(cost_usd, 0.0) as cost_usd
from cells
left join created using (date, group_name)
left join finished using (date, group_name)
left join open using (date, group_name)
order by date, group_name;

create table marts.mart_sla as
select finished_at::date as date, group_name, priority, ticket_type, 'ticket' as denominator,
  'all_targets' as metric, count(*) as judged, count_if(is_sla_met) as met,
    count_if(not is_sla_met) as breached
from desk where is_sla_met is not null group by all order by all;

create table marts.mart_source as
select 'simulator' as source, 'A desk made for a test' as description, as_of,
  (select min(created_at) from desk) as first_event_at, as_of as last_event_at,
  (select count(*) from desk) as tickets, (select 5 * count(*) from desk) as events,
  (select count(finished_at) from desk) as finished_tickets,
  (select count(*) - count(finished_at) from desk) as open_tickets,
  (select 5 * count(*) from desk) as rows_read, 0::bigint as rows_rejected
from facts;

create table analysis.run_info as
select run_id, 'simulator' as source, as_of, as_of + interval 2 hour as published_at,
  (select count(*) from desk) as tickets, (select 5 * count(*) from desk) as events
from facts;

create table analysis.answers as
select * from (values
  (1, 'Are we hitting SLA?', 'The first answer.'), (2, 'Where do tickets pile up?', 'The second.'),
  (3, 'Will we have enough people next month?', 'The third.'), (4, 'What is hurting CSAT?',
    'The fourth.'),
  (5, 'What should we do about it?', 'The fifth.')
) as answers (rank, question, answer);

create table analysis.anomalies as
select (as_of - interval 3 day)::date as date, 'created_tickets' as metric,
  'Engineering' as group_name,
  1.0::double as value, 9.0::double as expected, -3.4::double as z_score
from facts;
"""
