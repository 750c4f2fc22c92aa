{# Within a group each stretch begins where the one before it ended: no gap, no overlap. #}
{% test follows_on(model, within, starts, ends) %}
    select *
    from (
        select
            {{ within | join(', ') }},
            {{ starts }} as starts,
            lag({{ ends }}) over (partition by {{ within | join(', ') }} order by {{ starts }}, {{ ends }}) as previous_ends
        from {{ model }}
    )
    where starts <> previous_ends
{% endtest %}
