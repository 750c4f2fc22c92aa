-- Parity: the ledger's first reply time is the one read straight off the events.
with targets as (

    select ticket_id, ended_at, calendar_seconds, business_seconds
    from {{ ref('mart_sla_targets') }}
    where metric = 'first_reply_time' and ended_at is not null

),

replies as (

    select ticket_id, first_reply_at, first_reply_minutes, first_reply_business_minutes
    from {{ ref('mart_ticket_outcomes') }}
    where first_reply_at is not null and ticket_id in (select ticket_id from {{ ref('mart_sla_targets') }})

)

select targets.*, replies.*
from targets
full outer join replies on targets.ticket_id = replies.ticket_id
where
    targets.ticket_id is null
    or replies.ticket_id is null
    or {{ epoch_seconds('targets.ended_at') }} <> {{ epoch_seconds('replies.first_reply_at') }}
    or abs(targets.calendar_seconds / 60.0 - replies.first_reply_minutes) > 0.001
    or abs(targets.business_seconds / 60.0 - replies.first_reply_business_minutes) > 0.001
