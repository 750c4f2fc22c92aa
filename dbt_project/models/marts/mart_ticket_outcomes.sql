with lifetimes as (

    select * from {{ ref('int_ticket_lifetime') }}

),

-- A ticket is judged once the last of its headline targets has ended or fallen due.
verdicts as (

    select
        targets.ticket_id,
        bool_and(targets.state in ('met', 'breached', 'cancelled')) as is_settled,
        bool_or(targets.state = 'breached') as is_breached,
        bool_or(targets.state = 'cancelled') as is_cancelled,
        max(targets.judged_at) as last_judged_at,
        arg_max(targets.group_name, targets.judged_at) as last_group_name,
        arg_min(targets.group_name, targets.breached_at) as breached_group_name
    from {{ ref('mart_sla_targets') }} as targets
    inner join {{ ref('sla_metrics') }} as metrics on targets.metric = metrics.metric
    where metrics.is_headline and targets.target_seconds is not null
    group by targets.ticket_id

),

attainment as (

    select
        ticket_id,
        case
            when not is_settled then null
            when is_breached then false
            when not is_cancelled then true
        end as is_sla_met,
        last_judged_at,
        case when is_breached then breached_group_name end as breached_group_name,
        coalesce(breached_group_name, last_group_name) as sla_group_name
    from verdicts

),

costs as (

    select
        ticket_id,
        sum(handle_minutes) as handle_minutes,
        sum(cost_usd) as cost_usd
    from {{ ref('stg_ticket_costs') }}
    group by ticket_id

),

ratings as (

    select
        ticket_id,
        arg_max(csat_score, rated_at) as csat_score,
        max(rated_at) as csat_rated_at
    from {{ ref('stg_satisfaction_ratings') }}
    group by ticket_id

)

select
    tickets.ticket_id,
    tickets.external_id,
    tickets.subject,
    tickets.ticket_type,
    tickets.priority,
    tickets.channel,
    lifetimes.status,
    lifetimes.group_name,
    lifetimes.first_group_name,
    lifetimes.assignee_id,
    tickets.organization_id,
    tickets.organization_name,
    tickets.organization_tier,
    tickets.organization_churned_at,
    coalesce(
        tickets.organization_churned_at >= tickets.created_at
        and tickets.organization_churned_at
        <= tickets.created_at + interval '90' day,
        false
    ) as has_churned_within_90_days,
    tickets.created_at,
    cast(tickets.created_at as date) as created_date,
    lifetimes.first_solved_at,
    tickets.solved_at,
    tickets.closed_at,
    lifetimes.finished_at,
    lifetimes.is_finished,
    lifetimes.cycle_hours,
    lifetimes.cycle_business_hours,
    lifetimes.first_reply_at,
    lifetimes.first_reply_minutes,
    lifetimes.first_reply_business_minutes,
    lifetimes.variant_id,
    lifetimes.events,
    lifetimes.public_agent_replies,
    lifetimes.reopens,
    lifetimes.escalations,
    lifetimes.reassignments,
    coalesce(costs.handle_minutes, lifetimes.handle_minutes) as handle_minutes,
    costs.cost_usd,
    ratings.csat_score,
    ratings.csat_rated_at,
    attainment.is_sla_met,
    case when attainment.is_sla_met is not null then attainment.last_judged_at end as sla_judged_at,
    case when attainment.is_sla_met is not null then attainment.breached_group_name end as breached_group_name,
    case when attainment.is_sla_met is not null then attainment.sla_group_name end as sla_group_name
from {{ ref('stg_tickets') }} as tickets
inner join lifetimes on tickets.ticket_id = lifetimes.ticket_id
left join attainment on tickets.ticket_id = attainment.ticket_id
left join costs on tickets.ticket_id = costs.ticket_id
left join ratings on tickets.ticket_id = ratings.ticket_id
