-- A fourth escalation counts as the third, and waits are capped and rounded, so that cells stay few.
with tickets as (

    select
        case when is_finished then cycle_hours end as cycle_hours,
        case when is_finished then cost_usd end as cost_usd,
        csat_score,
        -- A week after the solve whoever has not answered will not. A merged ticket, closed without a
        -- solve, is not asked about.
        is_finished and solved_at is not null and finished_at <= {{ as_of() }} - interval '7' day
            as is_answer_due,
        least(escalations, 3) as escalations,
        least(reopens, 3) as reopens,
        least(reassignments, 3) as reassignments,
        -- A ticket without a reply says nothing about waiting for one: 0.
        round(least(greatest(coalesce(first_reply_business_minutes, 0) / 60, 0), 48)) as first_reply_hours,
        round(4 * least(greatest(coalesce(cycle_hours, 0) / 24, 0), 30)) / 4 as cycle_days,
        coalesce(first_group_name, 'none') as first_group_name,
        coalesce(priority, 'none') as priority,
        coalesce(ticket_type, 'none') as ticket_type
    from {{ ref('mart_ticket_outcomes') }}

),

explained as (

    select 'cycle_hours' as outcome, cycle_hours as y, null as cycle_days, * exclude (cycle_days) replace (null as csat_score, null as is_answer_due)
    from tickets
    where cycle_hours is not null

    union all by name

    select 'csat_score' as outcome, csat_score as y, *
    from tickets
    where csat_score is not null or is_answer_due

    union all by name

    select 'cost_usd' as outcome, cost_usd as y, 0 as first_reply_hours, null as cycle_days, * exclude (first_reply_hours, cycle_days) replace (null as csat_score, null as is_answer_due)
    from tickets
    where cost_usd is not null

)

select
    outcome,
    escalations,
    reopens,
    reassignments,
    first_reply_hours,
    cast(cycle_days as double) as cycle_days,
    first_group_name,
    priority,
    ticket_type,
    cast(csat_score as integer) as csat_score,
    is_answer_due,
    cast(count(*) as double) as n,
    cast(sum(y) as double) as y,
    cast(sum(y * y) as double) as yy
from explained
group by all
