-- A target reaches a step in the segment in which its counted time passes it.
with reached as (

    select
        ledger.metric,
        coalesce(ledger.priority, 'unknown') as priority,
        ledger.group_name,
        ledger.status,
        targets.target_seconds,
        cast(date_trunc('week', targets.judged_at) as date) as week,
        targets.is_met,
        {{ unnest_range(
            'cast(ceil(20.0 * (ledger.running_seconds - ledger.counted_seconds) / targets.target_seconds) as bigint)',
            'least(cast(ceil(20.0 * ledger.running_seconds / targets.target_seconds) as bigint), 20)'
        ) }} as elapsed_bin
    from {{ ref('mart_sla_ledger') }} as ledger
    inner join {{ ref('mart_sla_targets') }} as targets
        on
            ledger.ticket_id = targets.ticket_id
            and ledger.metric = targets.metric
            and ledger.instance = targets.instance
    where targets.is_met is not null and targets.target_seconds > 0 and ledger.counted_seconds > 0

)

select
    metric,
    priority,
    group_name,
    status,
    target_seconds,
    week,
    cast(elapsed_bin as integer) as elapsed_bin,
    count(*) as reached,
    count(*) filter (where not is_met) as breached
from reached
group by all
