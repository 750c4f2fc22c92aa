with events as (

    select * from {{ ref('int_event_transitions') }}

),

visits as (

    select
        ticket_id,
        visit_number,
        min(group_name) as group_name,
        min(event_at) as arrived_at,
        max(until_at) as left_at,
        max(event_at) as last_event_at,
        cast(sum(case when is_unsolved then calendar_seconds else 0 end) as bigint) as held_seconds,
        cast(sum(case when is_unsolved then business_seconds else 0 end) as bigint) as held_business_seconds,
        count(*) filter (where is_reopen) as reopens,
        min(case when final_solve > final_reopen then 1 else 0 end) = 1 as is_finished
    from events
    group by ticket_id, visit_number

)

select
    visits.ticket_id,
    visits.visit_number,
    visits.group_name,
    visits.arrived_at,
    visits.left_at,
    visits.last_event_at,
    lead(visits.group_name) over visit_order as next_group_name,
    visits.held_seconds,
    visits.held_business_seconds,
    visits.reopens,
    -- A finished ticket has left its last group too, though no event says so.
    visits.is_finished or lead(visits.group_name) over visit_order is not null as is_complete
from visits
window visit_order as (partition by visits.ticket_id order by visits.visit_number)
