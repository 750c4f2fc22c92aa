{#
  What an event can mean to an SLA metric. The seed `sla_metrics` says by these names which marks
  start and which end each metric; `int_event_transitions` sets them.

  creation          the ticket's first event, unless it leaves the ticket solved
  agent_comment     a public comment by an agent
  agent_update      a public comment by an agent that leaves the ticket unsolved
  customer_comment  a public comment by a customer, after the creation, that leaves it unsolved
  solve             the ticket turns solved, or closed without a solve
  reopen            the ticket turns unsolved again
#}
{% macro sla_marks() %}
    {{ return(['creation', 'agent_comment', 'agent_update', 'customer_comment', 'solve', 'reopen']) }}
{% endmacro %}
