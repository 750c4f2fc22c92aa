{#
  What has become of a target. `is_breached` and `is_ended` decide; a running target is active while
  its clock runs and paused while it does not; one that was closed before either is cancelled.
#}
{% macro sla_status(is_breached, is_ended, is_closed, is_counting) -%}
    case
        when {{ is_breached }} then 'breached'
        when {{ is_ended }} then 'met'
        when {{ is_closed }} then 'cancelled'
        when {{ is_counting }} then 'active'
        else 'paused'
    end
{%- endmacro %}
