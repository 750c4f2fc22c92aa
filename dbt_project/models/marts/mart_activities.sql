select
    activity,
    min(activity_code) as activity_code,
    count(*) as events,
    count(distinct ticket_id) as cases,
    count(*) filter (where event_number = 1) as start_cases,
    count(*) filter (where next_event_at is null) as end_cases,
    count(*) filter (where next_event_at is null and not is_unsolved) as end_cases_finished,
    count(distinct group_name) as groups
from {{ ref('int_event_transitions') }}
group by activity
