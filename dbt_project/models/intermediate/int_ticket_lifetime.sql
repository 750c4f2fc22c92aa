with events as (

    select * from {{ ref('int_event_transitions') }}

),

lifetimes as (

    select
        events.ticket_id,
        count(*) as events,
        min(events.event_at) as first_event_at,
        max(events.event_at) as last_event_at,
        arg_max(events.status, events.event_number) as status,
        arg_min(events.group_name, events.event_number) as first_group_name,
        arg_max(events.group_name, events.event_number) as group_name,
        min(events.event_at) filter (where events.is_solve) as first_solved_at,
        max(events.event_at) filter (
            where events.event_number = events.final_solve and events.final_solve > events.final_reopen
        ) as finished_at,
        arg_max(events.group_name, events.event_number) filter (
            where events.event_number = events.final_solve and events.final_solve > events.final_reopen
        ) as finished_group_name,
        arg_max(events.agent_id, events.event_number) filter (where events.agent_id is not null) as last_agent_id,
        min(events.event_at) filter (where events.is_agent_comment and events.event_number > 1) as first_reply_at,
        arg_min(events.group_name, events.event_number) filter (
            where events.is_agent_comment and events.event_number > 1
        ) as first_reply_group_name,
        -- The creation's own comment is no reply, hence the comparison with 1.
        sum(events.business_seconds) filter (where events.last_agent_comment <= 1)
            as business_seconds_to_reply,
        sum(events.business_seconds) filter (
            where events.event_number < events.final_solve
        ) as cycle_business_seconds,
        count(*) filter (where events.is_agent_comment and events.event_number > 1) as public_agent_replies,
        count(*) filter (where events.is_reopen) as reopens,
        count(*) filter (where events.is_escalation) as escalations,
        count(*) filter (
            where
            events.is_arrival
            and not events.is_escalation
            and events.event_number > 1
            and events.previous_group_name <> 'Unassigned'
        ) as reassignments,
        sum(events.handle_seconds) as handle_seconds
    from events
    group by events.ticket_id

)

select
    tickets.ticket_id,
    tickets.created_at,
    coalesce(lifetimes.events, 0) as events,
    lifetimes.first_event_at,
    lifetimes.last_event_at,
    coalesce(lifetimes.status, tickets.status) as status,
    coalesce(lifetimes.group_name, tickets.group_name, 'Unassigned') as group_name,
    coalesce(lifetimes.first_group_name, tickets.group_name, 'Unassigned') as first_group_name,
    coalesce(tickets.assignee_id, lifetimes.last_agent_id) as assignee_id,
    lifetimes.first_solved_at,
    lifetimes.finished_at,
    lifetimes.finished_group_name,
    lifetimes.finished_at is not null as is_finished,
    {{ cycle_hours('tickets.created_at', 'lifetimes.finished_at') }} as cycle_hours,
    case when lifetimes.finished_at is not null then coalesce(lifetimes.cycle_business_seconds, 0) / 3600.0 end
        as cycle_business_hours,
    lifetimes.first_reply_at,
    lifetimes.first_reply_group_name,
    60 * {{ cycle_hours('tickets.created_at', 'lifetimes.first_reply_at') }} as first_reply_minutes,
    case when lifetimes.first_reply_at is not null then coalesce(lifetimes.business_seconds_to_reply, 0) / 60.0 end
        as first_reply_business_minutes,
    coalesce(lifetimes.public_agent_replies, 0) as public_agent_replies,
    coalesce(lifetimes.reopens, 0) as reopens,
    coalesce(lifetimes.escalations, 0) as escalations,
    coalesce(lifetimes.reassignments, 0) as reassignments,
    lifetimes.handle_seconds / 60.0 as handle_minutes,
    variants.variant_id
from {{ ref('stg_tickets') }} as tickets
left join lifetimes on tickets.ticket_id = lifetimes.ticket_id
left join {{ ref('int_ticket_paths') }} as paths on tickets.ticket_id = paths.ticket_id
left join {{ ref('int_variants') }} as variants on paths.activity_codes = variants.activity_codes
