-- A ticket's policy sets at least one target for the ticket's priority; without one the ticket
-- would leave every SLA figure unnoticed.
{{ config(severity='warn') }}

select tickets.sla_policy_id, tickets.priority, count(*) as tickets
from {{ ref('stg_tickets') }} as tickets
left join {{ ref('stg_sla_policies') }} as policies
    on tickets.sla_policy_id = policies.sla_policy_id and tickets.priority = policies.priority
where tickets.sla_policy_id is not null and policies.sla_policy_id is null
group by tickets.sla_policy_id, tickets.priority
