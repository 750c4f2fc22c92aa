-- A fourth escalation counts as the third, and waits are capped and rounded, so that cells stay few.
with firsts as (

    select
        visits.ticket_id,
        visits.visit_number,
        schedules.tier,
        first_value(schedules.tier) over (partition by visits.ticket_id order by visits.visit_number) as first_tier
    from {{ ref('int_group_visits') }} as visits
    left join {{ ref('group_schedules') }} as schedules on visits.group_name = schedules.group_name

),

climbs as (

    select
        ticket_id,
        count(distinct tier) filter (where tier > first_tier) as tiers_climbed
    from firsts
    group by ticket_id

),

tickets as (

    select
        case when is_finished then cycle_hours end as cycle_hours,
        case when is_finished then cost_usd end as cost_usd,
        csat_score,
        -- A week after the solve whoever has not answered will not. A merged ticket, closed without a
        -- solve, is not asked about.
        is_finished and solved_at is not null and finished_at <= {{ as_of() }} - interval '7' day
            as is_answer_due,
        least(escalations, 3) as escalations,
        least(coalesce(tiers_climbed, 0), 3) as tiers_climbed,
        least(reopens, 3) as reopens,
        least(reassignments, 3) as reassignments,
        -- A ticket without a reply says nothing about waiting for one: 0.
        round(least(greatest(coalesce(first_reply_business_minutes, 0) / 60, 0), 48)) as first_reply_hours,
        round(4 * least(greatest(coalesce(cycle_hours, 0) / 24, 0), 30)) / 4 as cycle_days,
        coalesce(first_group_name, 'none') as first_group_name,
        coalesce(priority, 'none') as priority,
        coalesce(ticket_type, 'none') as ticket_type
    from {{ ref('mart_ticket_outcomes') }} as outcomes
    left join climbs on outcomes.ticket_id = climbs.ticket_id

),

-- A ticket that is sent back is escalated again. Were that counted, then a ticket sent back and one
-- that climbs a tier further would differ by the reassignment alone, and a return would look cheap.
explained as (

    select 'cycle_hours' as outcome, cycle_hours as y, null as cycle_days, * exclude (cycle_days) replace (tiers_climbed as escalations, null as csat_score, null as is_answer_due)
    from tickets
    where cycle_hours is not null

    union all by name

    select 'csat_score' as outcome, csat_score as y, *
    from tickets
    where csat_score is not null or is_answer_due

    union all by name

    select 'cost_usd' as outcome, cost_usd as y, 0 as first_reply_hours, null as cycle_days, * exclude (first_reply_hours, cycle_days) replace (tiers_climbed as escalations, null as csat_score, null as is_answer_due)
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
