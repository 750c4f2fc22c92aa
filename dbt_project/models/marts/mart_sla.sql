with targets as (

    select
        cast(targets.judged_at as date) as date,
        targets.group_name,
        targets.priority,
        tickets.ticket_type,
        'target' as denominator,
        targets.metric,
        targets.is_met
    from {{ ref('mart_sla_targets') }} as targets
    inner join {{ ref('stg_tickets') }} as tickets on targets.ticket_id = tickets.ticket_id
    where targets.is_met is not null

),

tickets as (

    select
        cast(sla_judged_at as date) as date,
        sla_group_name as group_name,
        priority,
        ticket_type,
        'ticket' as denominator,
        'all_targets' as metric,
        is_sla_met as is_met
    from {{ ref('mart_ticket_outcomes') }}
    where is_sla_met is not null

),

judged as (

    select * from targets
    union all
    select * from tickets

)

select
    date,
    group_name,
    coalesce(priority, 'unknown') as priority,
    coalesce(ticket_type, 'unknown') as ticket_type,
    denominator,
    metric,
    count(*) as judged,
    count(*) filter (where is_met) as met,
    count(*) filter (where not is_met) as breached
from judged
group by all
