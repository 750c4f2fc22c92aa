with transitions as (

    select
        activity as from_activity,
        next_activity as to_activity,
        ticket_id,
        calendar_seconds,
        business_seconds
    from {{ ref('int_event_transitions') }}
    where next_event_at is not null

),

-- How often each dwell occurs, in whole minutes: an administrative timer, which fires within seconds
-- of its hour, piles up on one or two of them.
dwells as (

    select
        from_activity,
        to_activity,
        calendar_seconds // 60 as dwell_minutes,
        count(*) as occurrences,
        row_number() over (
            partition by from_activity, to_activity order by count(*) desc, dwell_minutes
        ) as dwell_rank
    from transitions
    group by from_activity, to_activity, dwell_minutes
    qualify dwell_rank <= 2

),

modes as (

    select
        from_activity,
        to_activity,
        max(dwell_minutes) filter (where dwell_rank = 1) as modal_minutes,
        max(occurrences) filter (where dwell_rank = 1) as modal_occurrences,
        max(dwell_minutes) filter (where dwell_rank = 2) as second_modal_minutes,
        max(occurrences) filter (where dwell_rank = 2) as second_modal_occurrences
    from dwells
    group by from_activity, to_activity

),

edges as (

    select
        from_activity,
        to_activity,
        count(*) as transitions,
        count(distinct ticket_id) as cases,
        sum(calendar_seconds) / 3600.0 as total_hours,
        avg(calendar_seconds) / 3600.0 as mean_hours,
        {{ quantile('calendar_seconds', 0.5) }} / 3600.0 as median_hours,
        {{ quantile('calendar_seconds', 0.9) }} / 3600.0 as p90_hours,
        {{ quantile('calendar_seconds', 0.25) }} / 3600.0 as p25_hours,
        {{ quantile('calendar_seconds', 0.75) }} / 3600.0 as p75_hours,
        sum(business_seconds) / 3600.0 as total_business_hours,
        {{ quantile('business_seconds', 0.5) }} / 3600.0 as median_business_hours
    from transitions
    group by from_activity, to_activity

)

select
    edges.*,
    modes.modal_minutes / 60.0 as modal_hours,
    modes.modal_occurrences / edges.transitions as modal_share,
    modes.second_modal_minutes / 60.0 as second_modal_hours,
    modes.second_modal_occurrences / edges.transitions as second_modal_share
from edges
inner join modes
    on edges.from_activity = modes.from_activity and edges.to_activity = modes.to_activity
