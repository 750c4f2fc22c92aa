with worked as (

    select
        {{ month_of('event_at') }} as month,
        agent_id,
        count(distinct ticket_id) as tickets_touched,
        count(*) filter (where is_solve) as solved_tickets,
        count(*) filter (where is_agent_comment and event_number > 1) as public_replies,
        sum(handle_seconds) / 60.0 as handle_minutes
    from {{ ref('int_event_transitions') }}
    where agent_id is not null
    group by all

),

rated as (

    select
        {{ month_of('ratings.rated_at') }} as month,
        lifetimes.assignee_id as agent_id,
        sum(ratings.csat_score) as csat_score_sum,
        count(*) as ratings
    from {{ ref('stg_satisfaction_ratings') }} as ratings
    inner join {{ ref('int_ticket_lifetime') }} as lifetimes on ratings.ticket_id = lifetimes.ticket_id
    where lifetimes.assignee_id is not null
    group by all

),

months as (

    select month, agent_id from worked
    union
    select month, agent_id from rated

)

select
    months.month,
    months.agent_id,
    agents.agent_name,
    agents.group_name,
    agents.fte,
    coalesce(worked.tickets_touched, 0) as tickets_touched,
    coalesce(worked.solved_tickets, 0) as solved_tickets,
    coalesce(worked.public_replies, 0) as public_replies,
    coalesce(worked.handle_minutes, 0) as handle_minutes,
    cast(coalesce(rated.csat_score_sum, 0) as bigint) as csat_score_sum,
    coalesce(rated.ratings, 0) as ratings
from months
left join {{ ref('stg_agents') }} as agents on months.agent_id = agents.agent_id
left join worked on months.month = worked.month and months.agent_id = worked.agent_id
left join rated on months.month = rated.month and months.agent_id = rated.agent_id
