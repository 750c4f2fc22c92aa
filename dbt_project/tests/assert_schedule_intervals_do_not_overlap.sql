-- Intervals of one weekday that overlap would count the same second twice.
select one.schedule, one.weekday, one.opens_at, one.closes_at, other.opens_at as other_opens_at
from {{ ref('schedule_intervals') }} as one
inner join {{ ref('schedule_intervals') }} as other
    on
        one.schedule = other.schedule
        and one.weekday = other.weekday
        and one.opens_at < other.closes_at
        and other.opens_at < one.closes_at
        and (one.opens_at, one.closes_at) <> (other.opens_at, other.closes_at)
