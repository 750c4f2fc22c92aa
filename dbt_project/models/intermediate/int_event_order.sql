with events as (

    select
        events.event_id,
        events.ticket_id,
        events.event_at,
        events.source_position,
        activities.activity_code,
        -- At the same instant: the opening, then the customer, then the source's order.
        case when events.status = 'new' then 0 when events.actor_role = 'end_user' then 1 else 2 end as turn
    from {{ ref('stg_ticket_events') }} as events
    inner join {{ ref('int_activities') }} as activities on events.activity = activities.activity

),

-- The one place where a ticket's events get their order.
ordered as (

    select
        event_id,
        ticket_id,
        event_at,
        activity_code,
        row_number() over history as event_number,
        lead(event_at) over history as next_event_at,
        lead(activity_code) over history as next_activity_code
    from events
    window history as (partition by ticket_id order by event_at, turn, source_position, event_id)

)

select
    event_id,
    ticket_id,
    cast(event_number as integer) as event_number,
    event_at,
    next_event_at,
    activity_code,
    next_activity_code,
    {{ microseconds_between('event_at', 'next_event_at') }} as dwell_microseconds
from ordered
