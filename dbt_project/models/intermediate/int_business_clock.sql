with schedules as (

    select schedule, time_zone from {{ ref('schedules') }}

),

-- The first and last instants of which anybody asks: local days begin up to 14 hours off UTC's.
span as (

    select
        {{ epoch_days('least(min(event_at), ' ~ as_of() ~ ')') }} - 1 as first_day,
        {{ epoch_days('greatest(max(event_at), ' ~ as_of() ~ ')') }} + {{ var('clock_horizon_days') }} as last_day
    from {{ ref('stg_ticket_events') }}

),

days as (

    select {{ unnest_range('first_day - 1', 'last_day + 2') }} as epoch_day
    from span

),

zones as (

    select distinct time_zone from schedules

),

-- A zone's offset is looked at each midnight UTC, and by the minute on the days that end otherwise
-- than they began.
probes as (

    select time_zone, 86400 * epoch_day as probe_epoch
    from zones cross join days

    union all

    select time_zone, 86400 * epoch_day + {{ unnest_range(1, 1440) }} * 60 as probe_epoch
    from zones cross join days
    where
        {{ utc_offset_seconds(from_epoch_seconds('86400 * epoch_day'), 'time_zone') }}
        <> {{ utc_offset_seconds(from_epoch_seconds('86400 * (epoch_day + 1)'), 'time_zone') }}

),

offsets as (

    select
        time_zone,
        probe_epoch,
        {{ utc_offset_seconds(from_epoch_seconds('probe_epoch'), 'time_zone') }} as offset_seconds
    from probes

),

offset_changes as (

    select time_zone, probe_epoch, offset_seconds
    from offsets
    qualify offset_seconds is distinct from
        lag(offset_seconds) over (partition by time_zone order by probe_epoch)

),

offset_periods as (

    select
        time_zone,
        offset_seconds,
        probe_epoch as from_epoch,
        lead(probe_epoch, 1, {{ epoch_seconds("timestamp '9999-01-01'") }})
            over (partition by time_zone order by probe_epoch) as to_epoch
    from offset_changes

),

-- Local wall-clock seconds, as if the zone were UTC.
local_intervals as (

    select
        schedules.schedule,
        schedules.time_zone,
        86400 * days.epoch_day + {{ clock_time_seconds('intervals.opens_at') }} as opens_local,
        86400 * days.epoch_day + {{ clock_time_seconds('intervals.closes_at') }} as closes_local
    from schedules
    cross join days
    inner join {{ ref('schedule_intervals') }} as intervals
        on
            schedules.schedule = intervals.schedule
            and {{ iso_weekday(from_epoch_days('days.epoch_day')) }} = intervals.weekday
    left join {{ ref('schedule_holidays') }} as holidays
        on
            schedules.schedule = holidays.schedule
            and {{ from_epoch_days('days.epoch_day') }} between holidays.first_date and holidays.last_date
    where holidays.schedule is null

),

-- Cut to the stretches of constant offset: an hour that a zone skips is in no interval, an hour
-- that it repeats is in two.
open_intervals as (

    select
        local_intervals.schedule,
        greatest(local_intervals.opens_local - periods.offset_seconds, periods.from_epoch) as opens_epoch,
        least(local_intervals.closes_local - periods.offset_seconds, periods.to_epoch) as closes_epoch
    from local_intervals
    inner join offset_periods as periods
        on
            local_intervals.time_zone = periods.time_zone
            and local_intervals.opens_local - periods.offset_seconds < periods.to_epoch
            and local_intervals.closes_local - periods.offset_seconds > periods.from_epoch

),

-- Cut again at each midnight UTC, where every schedule also has an empty piece: a reading then finds
-- its row by equal day, whatever the hour, and a schedule that never opens has rows too.
pieces as (

    select schedule, epoch_day, 86400 * epoch_day as opens_epoch, 86400 * epoch_day as closes_epoch
    from schedules cross join days

    union all

    select
        intervals.schedule,
        days.epoch_day,
        greatest(intervals.opens_epoch, 86400 * days.epoch_day) as opens_epoch,
        least(intervals.closes_epoch, 86400 * (days.epoch_day + 1)) as closes_epoch
    from open_intervals as intervals
    inner join days
        on
            intervals.opens_epoch < 86400 * (days.epoch_day + 1)
            and intervals.closes_epoch > 86400 * days.epoch_day

)

select
    schedule,
    epoch_day,
    opens_epoch,
    closes_epoch,
    lead(opens_epoch, 1, 86400 * (epoch_day + 1)) over clock as until_epoch,
    cast(
        sum(closes_epoch - opens_epoch) over clock - (closes_epoch - opens_epoch) as bigint
    ) as open_seconds_before
from pieces
window clock as (partition by schedule order by opens_epoch, closes_epoch)
