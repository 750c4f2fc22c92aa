select
    ticket_id,
    count(*) as events,
    min(event_at) as first_event_at,
    max(event_at) as last_event_at,
    {{ ordered_codes('activity_code', 'event_number') }} as activity_codes
from {{ ref('int_event_order') }}
group by ticket_id
