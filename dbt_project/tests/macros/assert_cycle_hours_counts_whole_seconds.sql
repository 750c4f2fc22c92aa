-- Unit test of the macro `cycle_hours`: whole seconds, fractions of an hour, NULL for what is open.
with cases (started_at, ended_at, expected) as (

    values
        (timestamp '2026-03-08 06:30:00', timestamp '2026-03-08 08:00:00', 1.5),
        (timestamp '2026-03-08 06:30:00.9', timestamp '2026-03-08 06:30:01.1', 1 / 3600.0),
        (timestamp '1969-12-31 23:00:00', timestamp '1970-01-01 01:00:00', 2.0),
        (timestamp '2026-03-08 06:30:00', null, null)

)

select *
from cases
where {{ cycle_hours('started_at', 'ended_at') }} is distinct from expected
