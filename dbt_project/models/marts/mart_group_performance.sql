with events as (

    select *, {{ month_of('event_at') }} as month
    from {{ ref('int_event_transitions') }}

),

visits as (

    select *, {{ month_of('arrived_at') }} as month
    from {{ ref('int_group_visits') }}

),

lifetimes as (

    select * from {{ ref('int_ticket_lifetime') }}

),

-- A stay belongs to the month in which it began.
stays as (

    select
        coalesce(month, 'all') as period,
        group_name,
        count(distinct ticket_id) as tickets,
        count(*) as visits,
        {{ quantile('case when is_complete then held_seconds end', 0.5) }} / 3600.0 as median_visit_hours,
        avg(held_seconds) filter (where is_complete) / 3600.0 as mean_visit_hours,
        {{ quantile('case when is_complete then held_seconds end', 0.9) }} / 3600.0 as p90_visit_hours
    from visits
    group by {{ month_and_all('group_name') }}

),

held as (

    select
        coalesce(month, 'all') as period,
        group_name,
        ticket_id,
        sum(held_seconds) as held_seconds
    from visits
    where is_complete
    group by {{ month_and_all('group_name, ticket_id') }}

),

cycles as (

    select period, group_name, {{ quantile('held_seconds', 0.5) }} / 3600.0 as median_cycle_hours
    from held
    group by period, group_name

),

work as (

    select
        coalesce(month, 'all') as period,
        group_name,
        sum(handle_seconds) / 60.0 as handle_minutes,
        count(*) filter (where is_reopen) as reopens
    from events
    group by {{ month_and_all('group_name') }}

),

escalated as (

    select
        coalesce(month, 'all') as period,
        previous_group_name as group_name,
        count(*) as escalations_out
    from events
    where is_escalation
    group by {{ month_and_all('previous_group_name') }}

),

finished as (

    select
        coalesce(month, 'all') as period,
        finished_group_name as group_name,
        count(*) as finished_tickets
    from (select *, {{ month_of('finished_at') }} as month from lifetimes where is_finished)
    group by {{ month_and_all('finished_group_name') }}

),

replied as (

    select
        coalesce(month, 'all') as period,
        first_reply_group_name as group_name,
        count(*) as first_replies
    from (select *, {{ month_of('first_reply_at') }} as month from lifetimes where first_reply_at is not null)
    group by {{ month_and_all('first_reply_group_name') }}

),

judged as (

    select
        coalesce(month, 'all') as period,
        group_name,
        sum(judged) as judged_targets,
        sum(breached) as breached_targets
    from (select *, {{ month_of('date') }} as month from {{ ref('mart_sla') }} where denominator = 'target')
    group by {{ month_and_all('group_name') }}

),

groups as (

    select period, group_name from stays
    union
    select period, group_name from work
    union
    select period, group_name from escalated
    union
    select period, group_name from judged
    union
    select period, group_name from finished

)

select
    groups.period,
    groups.group_name,
    coalesce(stays.tickets, 0) as tickets,
    coalesce(stays.visits, 0) as visits,
    coalesce(finished.finished_tickets, 0) as finished_tickets,
    stays.median_visit_hours,
    stays.mean_visit_hours,
    stays.p90_visit_hours,
    cycles.median_cycle_hours,
    cast(coalesce(judged.judged_targets, 0) as bigint) as judged_targets,
    cast(coalesce(judged.breached_targets, 0) as bigint) as breached_targets,
    judged.breached_targets / judged.judged_targets as breach_rate,
    coalesce(work.handle_minutes, 0) as handle_minutes,
    coalesce(escalated.escalations_out, 0) as escalations_out,
    coalesce(work.reopens, 0) as reopens,
    coalesce(replied.first_replies, 0) as first_replies
from groups
{% for relation in ['stays', 'cycles', 'work', 'escalated', 'finished', 'replied', 'judged'] -%}
left join {{ relation }} on groups.period = {{ relation }}.period and groups.group_name = {{ relation }}.group_name
{% endfor %}
