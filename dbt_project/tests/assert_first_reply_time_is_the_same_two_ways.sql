-- Parity: the ledger's first reply time is the one read straight off the events. A ticket that is
-- created solved has no first reply clock, and no clock runs while a ticket is closed.
with targets as (

    select
        ticket_id,
        ended_at,
        {{ epoch_seconds('ended_at') }} - {{ epoch_seconds('started_at') }} as elapsed_seconds,
        calendar_seconds,
        business_seconds
    from {{ ref('mart_sla_targets') }}
    where metric = 'first_reply_time' and ended_at is not null

),

replies as (

    select outcomes.ticket_id, outcomes.first_reply_at, outcomes.first_reply_minutes, outcomes.first_reply_business_minutes
    from {{ ref('mart_ticket_outcomes') }} as outcomes
    inner join {{ ref('int_event_transitions') }} as openings
        on outcomes.ticket_id = openings.ticket_id and openings.event_number = 1
    where
        outcomes.first_reply_at is not null
        and openings.is_unsolved
        and openings.sla_policy_id is not null

)

select targets.*, replies.*
from targets
full outer join replies on targets.ticket_id = replies.ticket_id
where
    targets.ticket_id is null
    or replies.ticket_id is null
    or {{ epoch_seconds('targets.ended_at') }} <> {{ epoch_seconds('replies.first_reply_at') }}
    or abs(targets.elapsed_seconds / 60.0 - replies.first_reply_minutes) > 0.001
    or (
        targets.calendar_seconds = targets.elapsed_seconds
        and abs(targets.business_seconds / 60.0 - replies.first_reply_business_minutes) > 0.001
    )
