{% set so_far = 'over (partition by ticket_id order by event_number rows unbounded preceding)' %}

with as_of as (

    select {{ as_of() }} as as_of

),

ordered as (

    select
        told.*,
        places.event_number,
        places.next_event_at,
        places.activity_code,
        places.dwell_microseconds,
        lead(told.activity) over history as next_activity,
        last_value(told.status ignore nulls) over so_far as known_status,
        lag(told.status ignore nulls) over history as previous_status,
        last_value(told.group_name ignore nulls) over so_far as known_group_name,
        lag(told.group_name ignore nulls) over history as previous_group_name,
        last_value(told.priority ignore nulls) over so_far as known_priority,
        first_value(told.priority ignore nulls) over whole as first_priority
    from {{ ref('stg_ticket_events') }} as told
    inner join {{ ref('int_event_order') }} as places on told.event_id = places.event_id
    window
        history as (partition by told.ticket_id order by places.event_number),
        so_far as (history rows between unbounded preceding and current row),
        whole as (history rows between unbounded preceding and unbounded following)

),

-- What an event leaves unsaid is as it was; what no event says is as the ticket says.
described as (

    select
        ordered.event_id,
        ordered.ticket_id,
        ordered.event_number,
        ordered.event_at,
        ordered.next_event_at,
        ordered.activity,
        ordered.activity_code,
        ordered.dwell_microseconds,
        ordered.next_activity,
        ordered.known_status as told_status,
        coalesce(
            ordered.known_status,
            case when ordered.next_event_at is null then tickets.status end,
            'open'
        ) as status,
        coalesce(ordered.previous_status, 'open') as previous_status,
        coalesce(ordered.known_priority, ordered.first_priority, tickets.priority) as priority,
        coalesce(ordered.known_group_name, 'Unassigned') as group_name,
        coalesce(ordered.previous_group_name, 'Unassigned') as previous_group_name,
        ordered.agent_id,
        ordered.actor_role,
        ordered.is_public,
        coalesce(ordered.actor_role = 'agent' and ordered.is_public, false) as is_public_agent_comment,
        coalesce(ordered.actor_role = 'end_user' and ordered.is_public, false) as is_public_customer_comment,
        ordered.handle_seconds,
        tickets.sla_policy_id
    from ordered
    left join {{ ref('stg_tickets') }} as tickets on ordered.ticket_id = tickets.ticket_id

),

marked as (

    select
        described.*,
        status not in ('solved', 'closed') as is_unsolved,
        event_number = 1 or group_name <> previous_group_name as is_arrival,
        event_number = 1 and status not in ('solved', 'closed') as is_creation,
        is_public_agent_comment as is_agent_comment,
        is_public_agent_comment and status not in ('solved', 'closed') as is_agent_update,
        is_public_customer_comment and event_number > 1 and status not in ('solved', 'closed')
            as is_customer_comment,
        status in ('solved', 'closed')
        and (event_number = 1 or previous_status not in ('solved', 'closed')) as is_solve,
        status not in ('solved', 'closed')
        and event_number > 1
        and previous_status in ('solved', 'closed') as is_reopen,
        -- The time that follows an event ends with the next one; after the last, with the ticket's
        -- closing or with the as-of instant.
        case
            when next_event_at is not null then next_event_at
            when status = 'closed' then event_at
            else greatest(event_at, as_of.as_of)
        end as until_at
    from described
    cross join as_of

),

counted as (

    select
        *,
        sum(case when is_arrival then 1 else 0 end) {{ so_far }} as visit_number,
        {% for mark in sla_marks() %}
        max(case when is_{{ mark }} then event_number else 0 end) {{ so_far }} as last_{{ mark }},
        {% endfor %}
        max(case when is_solve then event_number else 0 end) over (partition by ticket_id) as final_solve,
        max(case when is_reopen then event_number else 0 end) over (partition by ticket_id) as final_reopen,
        last_value(group_name) over (
            partition by ticket_id order by event_number
            rows between unbounded preceding and unbounded following
        ) as final_group_name
    from marked

),

scheduled as (

    select
        counted.*,
        coalesce(
            counted.is_arrival and counted.event_number > 1 and arrived.tier > departed.tier, false
        ) as is_escalation,
        {{ epoch_seconds('counted.event_at') }} as event_epoch,
        {{ epoch_seconds('counted.until_at') }} as until_epoch,
        coalesce(
            {{ 'last' if var('schedule_scope') == 'last_held' else 'arrived' }}.schedule,
            '{{ var("default_schedule") }}'
        ) as schedule
    from counted
    left join {{ ref('group_schedules') }} as arrived on counted.group_name = arrived.group_name
    left join {{ ref('group_schedules') }} as departed on counted.previous_group_name = departed.group_name
    left join {{ ref('group_schedules') }} as last on counted.final_group_name = last.group_name


),

clocked as (

    select
        scheduled.*,
        {{ clock_reading('started', 'scheduled.event_epoch') }} as clock_reading,
        scheduled.until_epoch - scheduled.event_epoch as calendar_seconds,
        {{ clock_reading('stopped', 'scheduled.until_epoch') }}
        - {{ clock_reading('started', 'scheduled.event_epoch') }} as business_seconds
    from scheduled
    {{ clock_join('started', 'scheduled.schedule', 'scheduled.event_epoch') }}
    {{ clock_join('stopped', 'scheduled.schedule', 'scheduled.until_epoch') }}

)

select
    clocked.event_id,
    clocked.ticket_id,
    clocked.event_number,
    clocked.event_at,
    clocked.next_event_at,
    clocked.until_at,
    clocked.activity,
    clocked.activity_code,
    clocked.next_activity,
    clocked.told_status,
    clocked.status,
    clocked.is_unsolved,
    clocked.priority,
    clocked.group_name,
    clocked.previous_group_name,
    cast(clocked.visit_number as integer) as visit_number,
    clocked.agent_id,
    clocked.handle_seconds,
    clocked.is_arrival,
    clocked.is_escalation,
    clocked.is_agent_comment,
    clocked.is_solve,
    clocked.is_reopen,
    {% for mark in sla_marks() -%}
    clocked.last_{{ mark }},
    {% endfor -%}
    clocked.final_solve,
    clocked.final_reopen,
    clocked.sla_policy_id,
    clocked.schedule,
    clocked.event_epoch,
    clocked.until_epoch,
    clocked.clock_reading,
    clocked.calendar_seconds,
    clocked.business_seconds,
    clocked.dwell_microseconds,
    -- Less the closed seconds, so that on a clock that never stops it is the dwell itself.
    case
        when clocked.dwell_microseconds is not null
            then greatest(
                clocked.dwell_microseconds - 1000000 * (clocked.calendar_seconds - clocked.business_seconds), 0
            )
    end as business_dwell_microseconds
from clocked
