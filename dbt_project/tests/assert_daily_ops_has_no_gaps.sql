-- Every group has every day from the first to the last, so that a zero is a zero and not a hole.
select group_name, count(*) as days, max(date) - min(date) + 1 as days_spanned
from {{ ref('mart_daily_ops') }}
group by group_name
having
    count(*) <> max(date) - min(date) + 1
    or min(date) <> (select min(date) from {{ ref('mart_daily_ops') }})
    or max(date) <> (select max(date) from {{ ref('mart_daily_ops') }})
