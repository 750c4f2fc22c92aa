select
    activity,
    cast(row_number() over (order by activity) as integer) as activity_code
from {{ ref('stg_ticket_events') }}
group by activity
