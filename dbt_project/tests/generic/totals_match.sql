{#
  Totals of this model are those of another: `totals` says for each what to add up here and there,
  `only` which rows of this one take part. A thousandth is allowed for sums of fractions.
#}
{% test totals_match(model, to, totals, only=none) %}
    with here as (
        select {% for total in totals %}{{ total.here }} as total_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ model }}
        {% if only %} where {{ only }} {% endif %}
    ),

    there as (
        select {% for total in totals %}{{ total.there }} as total_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ to }}
    )
    {% for total in totals %}
    select '{{ total.here | replace("'", "''") }}' as total, here.total_{{ loop.index }} as here, there.total_{{ loop.index }} as there
    from here cross join there
    where abs(coalesce(here.total_{{ loop.index }}, 0) - coalesce(there.total_{{ loop.index }}, 0)) > 0.001
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endtest %}
