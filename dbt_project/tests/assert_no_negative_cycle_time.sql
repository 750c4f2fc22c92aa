-- A ticket cannot be finished, or first answered, before it was created.
select ticket_id, created_at, first_reply_at, finished_at
from {{ ref('mart_ticket_outcomes') }}
where cycle_hours < 0 or first_reply_minutes < 0 or cycle_business_hours < 0
