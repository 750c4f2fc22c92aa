with events as (

    select
        *,
        min(case when is_solve then event_number end) over history as first_solve_number,
        min(case when is_solve then event_epoch end) over ahead as next_solve_epoch
    from {{ ref('int_event_transitions') }}
    window
        history as (partition by ticket_id),
        ahead as (
            partition by ticket_id order by event_number
            rows between 1 following and unbounded following
        )

),

-- Whoever holds a ticket at its first solve or later may have it come back.
exposed as (

    select group_name, count(distinct ticket_id) as exposed_tickets
    from events
    where event_number >= first_solve_number
    group by group_name

),

redone as (

    select
        'reopen' as kind,
        group_name,
        ticket_id,
        (next_solve_epoch - event_epoch) / 3600.0 as hours
    from events
    where is_reopen

    union all

    select
        'work_after_solve' as kind,
        group_name,
        ticket_id,
        handle_seconds / 3600.0 as hours
    from events
    where event_number > first_solve_number and handle_seconds > 0

)

select
    redone.kind,
    redone.group_name,
    count(*) as occurrences,
    count(distinct redone.ticket_id) as tickets,
    max(exposed.exposed_tickets) as exposed_tickets,
    coalesce(sum(redone.hours), 0) as hours
from redone
inner join exposed on redone.group_name = exposed.group_name
group by redone.kind, redone.group_name
