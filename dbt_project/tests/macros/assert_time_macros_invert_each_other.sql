-- Unit tests of the macros on instants, days and clock times.
with cases (instant) as (

    values
        (timestamp '1970-01-01 00:00:00'),
        (timestamp '2024-02-29 23:59:59'),
        (timestamp '2026-11-01 06:00:00')

)

select *
from cases
where
    {{ from_epoch_seconds(epoch_seconds('instant')) }} <> instant
    or {{ from_epoch_days(epoch_days('instant')) }} <> cast(instant as date)
    or {{ epoch_day_of(epoch_seconds('instant')) }} <> {{ epoch_days('instant') }}
    or {{ clock_time_seconds("'24:00'") }} <> 86400
    or {{ clock_time_seconds("'07:30'") }} <> 27000
    or {{ month_of("timestamp '2024-02-29 23:59:59'") }} <> '2024-02'
    or {{ iso_weekday("date '2026-03-08'") }} <> 7
