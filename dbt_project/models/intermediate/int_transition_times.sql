with transitions as (

    select ticket_id, activity_code, next_activity_code, dwell_microseconds
    from {{ ref('int_event_order') }}
    where next_event_at is not null

),

-- How often each dwell occurs, in whole minutes: an administrative timer, which fires within seconds
-- of its hour, piles up on one or two of them.
dwells as (

    select
        activity_code,
        next_activity_code,
        dwell_microseconds // 60000000 as dwell_minutes,
        count(*) as occurrences,
        row_number() over (
            partition by activity_code, next_activity_code order by count(*) desc, dwell_minutes
        ) as dwell_rank
    from transitions
    group by activity_code, next_activity_code, dwell_minutes
    qualify dwell_rank <= 2

),

modes as (

    select
        activity_code,
        next_activity_code,
        max(dwell_minutes) filter (where dwell_rank = 1) as modal_minutes,
        max(occurrences) filter (where dwell_rank = 1) as modal_occurrences,
        max(dwell_minutes) filter (where dwell_rank = 2) as second_modal_minutes,
        max(occurrences) filter (where dwell_rank = 2) as second_modal_occurrences
    from dwells
    group by activity_code, next_activity_code

),

edges as (

    select
        activity_code,
        next_activity_code,
        count(*) as transitions,
        count(distinct ticket_id) as cases,
        {{ hours_of('sum(dwell_microseconds)') }} as total_hours,
        {{ hours_of('avg(dwell_microseconds)') }} as mean_hours,
        {{ hours_of(quantile('dwell_microseconds', 0.5)) }} as median_hours,
        {{ hours_of(quantile('dwell_microseconds', 0.9)) }} as p90_hours,
        {{ hours_of(quantile('dwell_microseconds', 0.25)) }} as p25_hours,
        {{ hours_of(quantile('dwell_microseconds', 0.75)) }} as p75_hours
    from transitions
    group by activity_code, next_activity_code

)

select
    departed.activity as from_activity,
    entered.activity as to_activity,
    edges.transitions,
    edges.cases,
    edges.total_hours,
    edges.mean_hours,
    edges.median_hours,
    edges.p90_hours,
    edges.p25_hours,
    edges.p75_hours,
    modes.modal_minutes / 60.0 as modal_hours,
    modes.modal_occurrences / edges.transitions as modal_share,
    modes.second_modal_minutes / 60.0 as second_modal_hours,
    modes.second_modal_occurrences / edges.transitions as second_modal_share
from edges
inner join modes
    on edges.activity_code = modes.activity_code and edges.next_activity_code = modes.next_activity_code
inner join {{ ref('int_activities') }} as departed on edges.activity_code = departed.activity_code
inner join {{ ref('int_activities') }} as entered on edges.next_activity_code = entered.activity_code
