-- What counted before a segment, and the time that was allowed in it: never the time that a later
-- change of priority allowed. What is past the breach has nothing left to foresee.
with segments as (

    select
        ledger.ticket_id,
        ledger.metric,
        ledger.instance,
        ledger.segment,
        coalesce(ledger.priority, 'unknown') as priority,
        ledger.group_name,
        ledger.status,
        ledger.target_seconds,
        cast(date_trunc('week', targets.judged_at) as date) as week,
        targets.is_met,
        cast(floor(20.0 * (ledger.running_seconds - ledger.counted_seconds) / ledger.target_seconds) as bigint)
            as first_step,
        least(cast(ceil(20.0 * ledger.running_seconds / ledger.target_seconds) as bigint), 20) as end_step
    from {{ ref('mart_sla_ledger') }} as ledger
    inner join {{ ref('mart_sla_targets') }} as targets
        on
            ledger.ticket_id = targets.ticket_id
            and ledger.metric = targets.metric
            and ledger.instance = targets.instance
    where
        targets.is_met is not null
        and ledger.target_seconds > 0
        and ledger.counted_seconds > 0
        and (targets.is_met or ledger.from_at < targets.breached_at)

),

-- A step is reached once: what came as far before stays behind. A change that leaves less time puts
-- the target into a later step at once, and it never was in those between.
reached as (

    select
        * exclude (first_step, end_step),
        {{ unnest_range(
            'greatest(first_step, coalesce(max(end_step) over (partition by ticket_id, metric, instance order by segment rows between unbounded preceding and 1 preceding), 0))',
            'end_step'
        ) }} as elapsed_bin
    from segments

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
