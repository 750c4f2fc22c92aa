{#
  Every row keeps every rule: one test for all of them, since a test costs more than a scan, and one
  row per rule that is broken.

  keys        lists of columns; each list identifies a row: no two rows share it, none of it is NULL
  never_null  columns that are not NULL in any row
  rules       conditions; where one comes out NULL it asks nothing of the row
#}
{% test holds(model, keys=[], never_null=[], rules=[]) %}
    {% set conditions = [] %}
    {% for column in (keys | sum(start=[]) + never_null) | unique %}
        {% do conditions.append(column ~ ' is not null') %}
    {% endfor %}
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
    {{ 'union all' if keys or not loop.last }}
    {% endfor %}
    {% for key in keys %}
    select 'one row per {{ key | join(', ') }}' as rule, count(*) as broken_rows
    from (select {{ key | join(', ') }} from {{ model }} group by {{ key | join(', ') }} having count(*) > 1)
    having count(*) > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endtest %}
