{# None of these columns has a NULL: one scan for all of them, one row per column that fails. #}
{% test has_no_nulls(model, columns) %}
    with counts as (
        select
            {% for column in columns -%}
            count(*) - count({{ column }}) as {{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        from {{ model }}
    )
    {% for column in columns %}
    select '{{ column }}' as column_name, {{ column }} as nulls from counts where {{ column }} > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endtest %}
