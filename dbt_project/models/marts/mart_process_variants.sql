with finished as (

    select
        variant_id,
        count(*) as finished_cases,
        {{ quantile(microseconds_between('first_event_at', 'last_event_at'), 0.5) }} as median_microseconds
    from {{ ref('int_ticket_lifetime') }}
    where is_finished and events > 0
    group by variant_id

)

select
    variants.variant_id,
    variants.variant,
    variants.activities,
    variants.cases,
    coalesce(finished.finished_cases, 0) as finished_cases,
    coalesce({{ hours_of('finished.median_microseconds') }}, variants.median_hours) as median_cycle_hours,
    variants.total_hours,
    variants.first_activity,
    variants.last_activity
from {{ ref('int_variants') }} as variants
left join finished on variants.variant_id = finished.variant_id
