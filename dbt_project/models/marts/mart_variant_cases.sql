select
    lifetimes.variant_id,
    lifetimes.group_name,
    coalesce(tickets.priority, 'unknown') as priority,
    coalesce(tickets.ticket_type, 'unknown') as ticket_type,
    {{ month_of('lifetimes.created_at') }} as month,
    count(*) as cases,
    count(*) filter (where lifetimes.is_finished) as finished_cases,
    {{ hours_of('sum(' ~ microseconds_between('lifetimes.first_event_at', 'lifetimes.last_event_at') ~ ')') }} as total_hours
from {{ ref('int_ticket_lifetime') }} as lifetimes
inner join {{ ref('stg_tickets') }} as tickets on lifetimes.ticket_id = tickets.ticket_id
where lifetimes.events > 0
group by all
