-- Every clock starts with the first event, so that must be the ticket's creation.
select ticket_id, created_at, first_event_at
from {{ ref('int_ticket_lifetime') }}
where created_at <> first_event_at
