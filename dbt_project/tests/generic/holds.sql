{#
  Every row keeps every rule: one scan for all of them, one row per rule that fails. A rule is a
  condition; where it comes out NULL it asks nothing of the row.
#}
{% test holds(model, rules) %}
    with counts as (
        select
            {% for rule in rules -%}
            count(*) filter (where not ({{ rule }})) as rule_{{ loop.index }}{{ ',' if not loop.last }}
            {% endfor %}
        from {{ model }}
    )
    {% for rule in rules %}
    select '{{ rule | replace("'", "''") }}' as rule, rule_{{ loop.index }} as broken_rows
    from counts where rule_{{ loop.index }} > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endtest %}
