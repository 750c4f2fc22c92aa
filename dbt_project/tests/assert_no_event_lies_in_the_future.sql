-- Nothing has happened yet that lies past the as-of instant.
{{ config(severity='warn') }}

select event_id, ticket_id, event_at
from {{ ref('stg_ticket_events') }}
where event_at > {{ as_of() }}
