select
    targets.ticket_id,
    tickets.external_id,
    tickets.subject,
    targets.metric,
    targets.instance,
    lifetimes.group_name,
    lifetimes.status,
    targets.priority,
    tickets.ticket_type,
    targets.started_at,
    case when targets.state <> 'paused' then targets.due_at end as due_at,
    targets.is_business_hours,
    targets.target_seconds,
    targets.counted_seconds,
    (targets.target_seconds - targets.counted_seconds) / 60.0 as minutes_left,
    targets.state,
    {{ cycle_hours('tickets.created_at', as_of()) }} as age_hours
from {{ ref('mart_sla_targets') }} as targets
inner join {{ ref('stg_tickets') }} as tickets on targets.ticket_id = tickets.ticket_id
inner join {{ ref('int_ticket_lifetime') }} as lifetimes on targets.ticket_id = lifetimes.ticket_id
where targets.is_open and targets.target_seconds is not null
