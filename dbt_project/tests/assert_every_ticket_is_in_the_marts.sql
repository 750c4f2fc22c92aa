-- No ticket is lost or doubled on its way from staging to the outcomes.
select tickets.ticket_id, count(outcomes.ticket_id) as copies
from {{ ref('stg_tickets') }} as tickets
left join {{ ref('mart_ticket_outcomes') }} as outcomes on tickets.ticket_id = outcomes.ticket_id
group by tickets.ticket_id
having count(outcomes.ticket_id) <> 1
