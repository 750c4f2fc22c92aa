-- Unit test of the macro `utc_offset_seconds`: summer and winter, the very hour of a change, a zone
-- that gave daylight saving up, one that moves by half an hour.
with cases (instant, zone, expected) as (

    values
        (timestamp '2026-07-01 12:00:00', 'America/New_York', -4 * 3600),
        (timestamp '2026-03-08 06:59:59', 'America/New_York', -5 * 3600),
        (timestamp '2026-03-08 07:00:00', 'America/New_York', -4 * 3600),
        (timestamp '2026-11-01 05:59:59', 'America/New_York', -4 * 3600),
        (timestamp '2026-11-01 06:00:00', 'America/New_York', -5 * 3600),
        (timestamp '2018-12-01 12:00:00', 'America/Sao_Paulo', -2 * 3600),
        (timestamp '2019-12-01 12:00:00', 'America/Sao_Paulo', -3 * 3600),
        (timestamp '2026-07-01 12:00:00', 'Australia/Lord_Howe', 37800),
        (timestamp '2026-01-01 12:00:00', 'Australia/Lord_Howe', 39600)

)

select *
from cases
where {{ utc_offset_seconds('instant', 'zone') }} <> expected
