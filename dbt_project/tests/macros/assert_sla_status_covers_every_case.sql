-- Unit test of the macro `sla_status`: the first of breached, met, cancelled that applies, else
-- whether the clock runs.
with cases (is_breached, is_ended, is_closed, is_counting, expected) as (

    values
        (true, false, false, true, 'breached'),
        (true, true, false, false, 'breached'),
        (false, true, true, false, 'met'),
        (false, false, true, true, 'cancelled'),
        (false, false, false, true, 'active'),
        (false, false, false, false, 'paused')

)

select *
from cases
where {{ sla_status('is_breached', 'is_ended', 'is_closed', 'is_counting') }} <> expected
