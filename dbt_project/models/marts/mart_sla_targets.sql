with instances as (

    select
        ticket_id,
        metric,
        instance,
        min(from_at) as started_at,
        max(to_at) as last_at,
        bool_or(is_open_ended) as is_running,
        bool_or(is_open_ended and status = 'closed') as is_closed,
        count(*) as segments,
        sum(case when is_counted then calendar_seconds else 0 end) as calendar_seconds,
        sum(case when is_counted then business_seconds else 0 end) as business_seconds,
        sum(counted_seconds) as counted_seconds,
        max(segment) as last_segment,
        min(segment) filter (where running_seconds >= target_seconds) as reaching_segment
    from {{ ref('mart_sla_ledger') }}
    group by ticket_id, metric, instance

),

-- The segment that decides: the one in which the target is reached, or else the last one.
deciding as (

    select
        instances.*,
        instances.reaching_segment is not null as is_reached,
        ledger.priority,
        ledger.group_name,
        ledger.target_seconds,
        ledger.is_business_hours,
        ledger.is_counted,
        ledger.schedule,
        {{ epoch_seconds('ledger.from_at') }} as from_epoch,
        -- Nothing to go where a new priority brought a target that was already used up.
        greatest(ledger.target_seconds - (ledger.running_seconds - ledger.counted_seconds), 0) as seconds_to_go,
        ledger.clock_reading
    from instances
    inner join {{ ref('mart_sla_ledger') }} as ledger
        on
            instances.ticket_id = ledger.ticket_id
            and instances.metric = ledger.metric
            and instances.instance = ledger.instance
            and coalesce(instances.reaching_segment, instances.last_segment) = ledger.segment

),

due as (

    select
        deciding.*,
        case
            when deciding.target_seconds is null or not (deciding.is_reached or deciding.is_counted) then null
            when deciding.seconds_to_go = 0 or not deciding.is_business_hours
                then deciding.from_epoch + deciding.seconds_to_go
            else {{ clock_instant('clock', 'deciding.clock_reading + deciding.seconds_to_go') }}
        end as due_epoch
    from deciding
    {{ clock_join_at_reading('clock', 'deciding.schedule', 'deciding.clock_reading + deciding.seconds_to_go') }}

),

judged as (

    select
        *,
        {{ from_epoch_seconds('due_epoch') }} as due_at,
        case when not is_running then last_at end as ended_at,
        is_reached and (is_running or {{ epoch_seconds('last_at') }} > due_epoch) as is_breached
    from due

)

select
    ticket_id,
    metric,
    instance,
    priority,
    group_name,
    target_seconds,
    is_business_hours,
    started_at,
    ended_at,
    due_at,
    case when is_breached then due_at end as breached_at,
    case
        when target_seconds is not null
            then {{ sla_status('is_breached', 'not is_running', 'is_closed', 'is_counted') }}
    end as state,
    case
        when target_seconds is null then null
        when is_breached then false
        when not is_running then true
    end as is_met,
    case
        when target_seconds is null then null
        when is_breached then due_at
        else ended_at
    end as judged_at,
    is_running and not is_closed as is_open,
    cast(segments as integer) as segments,
    cast(calendar_seconds as bigint) as calendar_seconds,
    cast(business_seconds as bigint) as business_seconds,
    cast(counted_seconds as bigint) as counted_seconds
from judged
