-- The tables of schema `marts` for the desk of `desk.py`, each as plain as its rule allows.
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
  5 as events, 2 as public_agent_replies,
  if(group_name = 'Engineering', 1, 0) as reopens, if(group_name = 'Tier 1 Support', 0, 1) as escalations,
  0 as reassignments,
  ticket_id % 6 as organization_id, 'Customer ' || ticket_id % 6 as organization_name,
  if(ticket_id % 6 < 4, 'business', 'starter') as organization_tier,
  if(ticket_id % 6 = 5, (select as_of - interval 1 day from facts), null) as organization_churned_at,
  ticket_id % 6 = 5 and created_at >= (select as_of - interval 91 day from facts)
    as has_churned_within_90_days,
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
select run_id, layout, 'simulator' as source, as_of, as_of + interval 2 hour as published_at,
  (select count(*) from desk) as tickets, (select 5 * count(*) from desk) as events
from facts;


create table marts.mart_sla_targets as
select
  ticket_id, 'total_resolution_time' as metric, 1 as instance, priority, group_name,
  172800 as target_seconds, false as is_business_hours, created_at as started_at,
  finished_at as ended_at, created_at + interval 48 hour as due_at,
  if(is_sla_met = false, created_at + interval 48 hour, null) as breached_at,
  case when is_sla_met then 'met' when is_sla_met = false then 'breached' else 'active' end as state,
  is_sla_met as is_met, if(is_sla_met is null, null, finished_at) as judged_at,
  finished_at is null as is_open, 2 as segments,
  coalesce(cycle_hours * 3600, 0)::bigint as counted_seconds
from desk;

create table marts.mart_sla_ledger as
with segments as (
  select *, 1 as segment, created_at as from_at, created_at + interval 30 minute as to_at,
    'new' as status, 1800 as counted_seconds, 1800 as running_seconds
  from desk
  union all
  select *, 2, created_at + interval 30 minute, coalesce(finished_at, (select as_of from facts)), 'open',
    (coalesce(cycle_hours, 24) * 3600 - 1800)::bigint, (coalesce(cycle_hours, 24) * 3600)::bigint
  from desk
)
select
  ticket_id, 'total_resolution_time' as metric, 1 as instance, segment, from_at, to_at, status,
  group_name, priority, true as is_counted, 'counts while ' || status as rule,
  'business' as schedule, counted_seconds, running_seconds, 172800 as target_seconds,
  false as is_business_hours
from segments;

create table marts.mart_group_performance as
select
  strftime(created_at, '%Y-%m') as period, group_name, count(*) as tickets,
  count_if(group_name = 'Tier 1 Support') // 4 as escalations_out
from desk group by all
union all
select 'all', group_name, count(*), count_if(group_name = 'Tier 1 Support') // 4
from desk group by all;

create table marts.mart_capacity as
select * from (values
  ('Tier 1 Support', 3.0, 20.0), ('Tier 2 Specialists', 1.0, 40.0), ('Engineering', 1.0, 60.0)
) as staff (group_name, fte, mean_handle_minutes_per_ticket);

create table marts.mart_process_flows as
select * from (values
  ('Created', 'First reply', 'Tier 1 Support', 'normal', 'question', '2026-02', 100, 50.0),
  ('First reply', 'Solved', 'Tier 1 Support', 'normal', 'question', '2026-02', 60, 120.0),
  ('First reply', 'Solved', 'Tier 1 Support', 'urgent', 'incident', '2026-02', 20, 40.0),
  ('First reply', 'Escalated', 'Tier 1 Support', 'urgent', 'incident', '2026-02', 20, 10.0),
  ('Escalated', 'Solved', 'Tier 2 Specialists', 'urgent', 'incident', '2026-02', 20, 80.0),
  ('Solved', 'Closed', 'Tier 2 Specialists', 'urgent', 'incident', '2026-02', 100, 9600.0)
) as flows (
  from_activity, to_activity, group_name, priority, ticket_type, month, transitions, total_hours
)
