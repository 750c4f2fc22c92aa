-- The status and the last solve that the events lead to are those that the ticket states.
{{ config(severity='warn') }}

select tickets.ticket_id, tickets.status, lifetimes.status as status_by_events,
    tickets.solved_at, tickets.closed_at, lifetimes.finished_at
from {{ ref('stg_tickets') }} as tickets
inner join {{ ref('int_ticket_lifetime') }} as lifetimes on tickets.ticket_id = lifetimes.ticket_id
where
    tickets.status <> lifetimes.status
    or coalesce(tickets.solved_at, tickets.closed_at) is distinct from lifetimes.finished_at
