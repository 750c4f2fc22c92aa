{# Hours from one instant to another on the calendar clock; NULL where either is missing. #}
{% macro cycle_hours(started_at, ended_at) -%}
    ({{ epoch_seconds(ended_at) }} - {{ epoch_seconds(started_at) }}) / 3600.0
{%- endmacro %}
