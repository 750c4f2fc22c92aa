with visits as (

    select
        ticket_id,
        group_name,
        next_group_name,
        is_complete,
        held_seconds,
        lag(group_name) over visit_order as previous_group_name,
        lag(group_name, 2) over visit_order as second_previous_group_name,
        row_number() over (partition by ticket_id, group_name order by visit_number) as nth_visit
    from {{ ref('int_group_visits') }}
    window visit_order as (partition by ticket_id order by visit_number)

),

arrivals as (

    select
        *,
        nth_visit = 1 and is_complete as is_first,
        coalesce(nth_visit = 1 and next_group_name = previous_group_name, false) as is_returned,
        nth_visit > 1 and group_name is distinct from second_previous_group_name as is_indirect_return
    from visits
    where previous_group_name is not null

)

select
    previous_group_name as from_group,
    group_name as to_group,
    count(*) as handovers,
    count(distinct ticket_id) as tickets,
    sum(held_seconds) / 3600.0 as held_hours,
    count(*) filter (where is_first) as first_handovers,
    count(*) filter (where is_returned) as returned_handovers,
    sum(case when is_returned then held_seconds else 0 end) / 3600.0 as returned_hours,
    count(*) filter (where is_indirect_return) as indirect_returns
from arrivals
group by previous_group_name, group_name
