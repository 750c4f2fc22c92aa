with tickets as (

    select
        count(*) as tickets,
        count(*) filter (where is_finished) as finished_tickets
    from {{ ref('int_ticket_lifetime') }}

),

events as (

    select
        count(*) as events,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from {{ ref('stg_ticket_events') }}

)

select
    info.source,
    info.description,
    info.as_of,
    events.first_event_at,
    events.last_event_at,
    tickets.tickets,
    events.events,
    tickets.finished_tickets,
    tickets.tickets - tickets.finished_tickets as open_tickets,
    info.rows_read,
    info.rows_rejected
from {{ source('raw', 'source_info') }} as info
cross join tickets
cross join events
