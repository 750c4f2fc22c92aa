-- A closed ticket says when it was closed, and one that is not closed does not.
select ticket_id, status, closed_at
from {{ ref('stg_tickets') }}
where (status = 'closed') <> (closed_at is not null)
