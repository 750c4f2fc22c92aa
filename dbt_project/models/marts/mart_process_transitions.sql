with business as (

    select
        activity as from_activity,
        next_activity as to_activity,
        {{ hours_of('sum(business_dwell_microseconds)') }} as total_business_hours,
        {{ hours_of('avg(business_dwell_microseconds)') }} as mean_business_hours,
        {{ hours_of(quantile('business_dwell_microseconds', 0.5)) }} as median_business_hours,
        {{ hours_of(quantile('business_dwell_microseconds', 0.9)) }} as p90_business_hours
    from {{ ref('int_event_transitions') }}
    where next_event_at is not null
    group by activity, next_activity

)

select
    times.*,
    business.total_business_hours,
    business.mean_business_hours,
    business.median_business_hours,
    business.p90_business_hours
from {{ ref('int_transition_times') }} as times
inner join business
    on times.from_activity = business.from_activity and times.to_activity = business.to_activity
