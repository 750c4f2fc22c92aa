{% set history = 'over (partition by events.ticket_id order by events.event_number)' %}

with visits as (

    select
        ticket_id,
        visit_number,
        lag(group_name) over (partition by ticket_id order by visit_number) as came_from
    from {{ ref('int_group_visits') }}

),

transitions as (

    select
        events.activity as from_activity,
        events.next_activity as to_activity,
        events.told_status as status,
        events.next_event_at,
        events.dwell_microseconds,
        events.business_dwell_microseconds,
        events.group_name,
        visits.came_from,
        lead(events.group_name) {{ history }} as next_group_name,
        -- Work is booked on the event that ends it.
        coalesce(lead(events.handle_seconds) {{ history }}, 0) as handle_seconds
    from {{ ref('int_event_transitions') }} as events
    inner join visits
        on events.ticket_id = visits.ticket_id and events.visit_number = visits.visit_number

)

select
    from_activity,
    to_activity,
    coalesce(status, 'unknown') as status,
    coalesce(next_group_name <> group_name and next_group_name = came_from, false) as is_returned,
    count(*) as transitions,
    {{ hours_of('sum(dwell_microseconds)') }} as total_hours,
    {{ hours_of('sum(business_dwell_microseconds)') }} as business_hours,
    {{ hours_of('sum(least(1000000 * handle_seconds, business_dwell_microseconds))') }} as handle_hours
from transitions
where next_event_at is not null
group by all
