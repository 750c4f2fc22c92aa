with groups as (

    select distinct group_name from {{ ref('mart_daily_ops') }}

),

used as (

    select distinct coalesce(assigned.schedule, '{{ var("default_schedule") }}') as schedule
    from groups
    left join {{ ref('group_schedules') }} as assigned on groups.group_name = assigned.group_name

),

closed as (

    select
        holidays.holiday,
        {{ unnest_range(
            epoch_days('holidays.first_date'), epoch_days('holidays.last_date') ~ ' + 1'
        ) }} as epoch_day
    from {{ ref('schedule_holidays') }} as holidays
    inner join used on holidays.schedule = used.schedule

)

select
    {{ from_epoch_days('epoch_day') }} as date,
    min(holiday) as holiday
from closed
group by epoch_day
