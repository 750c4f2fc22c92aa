-- What stands in the backlog on the last day is what is not finished.
with last_day as (

    select sum(backlog_tickets) as backlog_tickets
    from {{ ref('mart_daily_ops') }}
    where date = (select max(date) from {{ ref('mart_daily_ops') }})

)

select last_day.backlog_tickets, source.open_tickets
from last_day
cross join {{ ref('mart_source') }} as source
where coalesce(last_day.backlog_tickets, 0) <> source.open_tickets
