-- Neither the ticket's own dates nor its events turn it solved or closed before it was created.
select tickets.ticket_id, tickets.created_at, tickets.solved_at, tickets.closed_at, events.event_at
from {{ ref('stg_tickets') }} as tickets
left join {{ ref('stg_ticket_events') }} as events
    on
        tickets.ticket_id = events.ticket_id
        and events.status in ('solved', 'closed')
        and events.event_at < tickets.created_at
where
    tickets.solved_at < tickets.created_at
    or tickets.closed_at < tickets.created_at
    or events.event_id is not null
