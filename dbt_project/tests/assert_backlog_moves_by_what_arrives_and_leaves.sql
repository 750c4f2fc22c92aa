-- Over all groups, the backlog at a day's end is the day before's, plus what was created or
-- reopened, less what was solved; tickets that are created solved are in neither.
with days as (

    select
        date,
        sum(backlog_tickets) as backlog_tickets,
        sum(created_tickets + reopened_tickets - solved_tickets) as change
    from {{ ref('mart_daily_ops') }}
    group by date

)

select *
from (
    select *, lag(backlog_tickets, 1, 0) over (order by date) as backlog_before
    from days
)
where backlog_tickets <> backlog_before + change
