-- Every figure of a target is a sum over its ledger rows, the running total ends at it, and the
-- segments follow one another without a gap.
with ledger as (

    select
        ticket_id,
        metric,
        instance,
        count(*) as segments,
        max(segment) - min(segment) + 1 as segments_spanned,
        sum(case when is_counted then calendar_seconds else 0 end) as calendar_seconds,
        sum(case when is_counted then business_seconds else 0 end) as business_seconds,
        sum(counted_seconds) as counted_seconds,
        max(running_seconds) as running_seconds
    from {{ ref('mart_sla_ledger') }}
    group by ticket_id, metric, instance

)

select ledger.*, targets.*
from ledger
full outer join {{ ref('mart_sla_targets') }} as targets
    on
        ledger.ticket_id = targets.ticket_id
        and ledger.metric = targets.metric
        and ledger.instance = targets.instance
where
    ledger.ticket_id is null
    or targets.ticket_id is null
    or ledger.segments <> targets.segments
    or ledger.segments <> ledger.segments_spanned
    or ledger.calendar_seconds <> targets.calendar_seconds
    or ledger.business_seconds <> targets.business_seconds
    or ledger.counted_seconds <> targets.counted_seconds
    or ledger.running_seconds <> targets.counted_seconds
