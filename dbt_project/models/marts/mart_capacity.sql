with agents as (

    select
        coalesce(group_name, 'Unassigned') as group_name,
        sum(fte) as fte,
        count(*) as agents
    from {{ ref('stg_agents') }}
    where is_active
    group by all

),

workload as (

    select
        group_name,
        sum(arrived_tickets) as arrived_tickets,
        sum(handle_minutes) as handle_minutes,
        min(date) as first_date,
        max(date) as last_date
    from {{ ref('mart_daily_ops') }}
    group by group_name

),

worked as (

    select group_name, count(distinct ticket_id) as worked_tickets
    from {{ ref('int_event_transitions') }}
    where handle_seconds > 0
    group by group_name

),

groups as (

    select group_name from workload
    union
    select group_name from agents

),

opening as (

    select
        schedule,
        sum({{ clock_time_seconds('closes_at') }} - {{ clock_time_seconds('opens_at') }}) / 3600.0 / 5
            as open_hours_per_weekday
    from {{ ref('schedule_intervals') }}
    where weekday between 1 and 5
    group by schedule

),

plans as (

    select * from {{ ref('group_capacity') }}

)

select
    groups.group_name,
    agents.fte,
    agents.agents,
    coalesce(plans.hours_per_day, defaults.hours_per_day) as hours_per_day,
    coalesce(plans.shrinkage, defaults.shrinkage) as shrinkage,
    coalesce(plans.target_occupancy, defaults.target_occupancy) as target_occupancy,
    cast(opening.open_hours_per_weekday as double) as open_hours_per_weekday,
    workload.handle_minutes / nullif(worked.worked_tickets, 0) as mean_handle_minutes_per_ticket,
    coalesce(worked.worked_tickets, 0) as worked_tickets,
    coalesce(workload.handle_minutes, 0) as handle_minutes,
    {{ month_of('workload.first_date') }} as first_month,
    {{ month_of('workload.last_date') }} as last_month
from groups
left join agents on groups.group_name = agents.group_name
left join workload on groups.group_name = workload.group_name
left join worked on groups.group_name = worked.group_name
left join plans on groups.group_name = plans.group_name
left join plans as defaults on defaults.group_name = '*'
left join {{ ref('group_schedules') }} as assigned on groups.group_name = assigned.group_name
left join opening on coalesce(assigned.schedule, '{{ var("default_schedule") }}') = opening.schedule
