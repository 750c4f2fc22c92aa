{# No two rows share the values of these columns: they are the model's key. #}
{% test unique_rows(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as copies
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
