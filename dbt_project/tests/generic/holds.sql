{#
  Every row keeps every rule, and none of the columns `never_null` is NULL: one scan for all of
  them, one row per rule that is broken. A rule is a condition; where it comes out NULL it asks
  nothing of the row.
#}
{% test holds(model, rules=[], never_null=[]) %}
    {% set conditions = [] %}
    {% for column in never_null %}{% do conditions.append(column ~ ' is not null') %}{% endfor %}
    {% do conditions.extend(rules) %}

    with counts as (
        select
            {% for condition in conditions -%}
            count(*) filter (where not ({{ condition }})) as rule_{{ loop.index }}{{ ',' if not loop.last }}
            {% endfor %}
        from {{ model }}
    )
    {% for condition in conditions %}
    select '{{ condition | replace("'", "''") }}' as rule, rule_{{ loop.index }} as broken_rows
    from counts
    where rule_{{ loop.index }} > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endtest %}
