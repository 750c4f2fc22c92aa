select
    events.activity as from_activity,
    events.next_activity as to_activity,
    events.group_name,
    coalesce(events.priority, 'unknown') as priority,
    coalesce(tickets.ticket_type, 'unknown') as ticket_type,
    {{ month_of('events.event_at') }} as month,
    count(*) as transitions,
    {{ hours_of('sum(events.dwell_microseconds)') }} as total_hours,
    {{ hours_of('sum(events.business_dwell_microseconds)') }} as total_business_hours
from {{ ref('int_event_transitions') }} as events
left join {{ ref('stg_tickets') }} as tickets on events.ticket_id = tickets.ticket_id
where events.next_event_at is not null
group by all
