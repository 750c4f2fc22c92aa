{# Aggregates that engines spell differently. #}

{# The interpolated quantile of a group's values; NULL values take no part. #}
{% macro quantile(column, share) -%}
    {{ adapter.dispatch('quantile', 'ops_tower')(column, share) }}
{%- endmacro %}

{% macro duckdb__quantile(column, share) -%}
    quantile_cont({{ column }}, {{ share }})
{%- endmacro %}

{# A group's values as a list, in the order of an integer column. #}
{% macro ordered_list(column, position) -%}
    {{ adapter.dispatch('ordered_list', 'ops_tower')(column, position) }}
{%- endmacro %}

{% macro duckdb__ordered_list(column, position) -%}
    list_transform(list_sort(list({'position': {{ position }}, 'value': {{ column }}})), lambda item: item.value)
{%- endmacro %}

{# A group's small integer codes as a list, in the order of another integer; cheaper than the above. #}
{% macro ordered_codes(code, position) -%}
    {{ adapter.dispatch('ordered_codes', 'ops_tower')(code, position) }}
{%- endmacro %}

{% macro duckdb__ordered_codes(code, position) -%}
    list_transform(
        list_sort(list(4294967296 * {{ position }} + {{ code }})),
        lambda item: cast(item % 4294967296 as integer)
    )
{%- endmacro %}

{# One row per element of a list, for use in a select list. #}
{% macro unnest_list(list) -%}
    {{ adapter.dispatch('unnest_list', 'ops_tower')(list) }}
{%- endmacro %}

{% macro duckdb__unnest_list(list) -%}
    unnest({{ list }})
{%- endmacro %}

{# A list of texts as one text. #}
{% macro join_list(list, separator) -%}
    {{ adapter.dispatch('join_list', 'ops_tower')(list, separator) }}
{%- endmacro %}

{% macro duckdb__join_list(list, separator) -%}
    array_to_string({{ list }}, '{{ separator }}')
{%- endmacro %}

{# Whether a text that lists words, separated by blanks, has the word. #}
{% macro has_word(words, word) -%}
    (' ' || coalesce({{ words }}, '') || ' ' like '% ' || {{ word }} || ' %')
{%- endmacro %}

{# Grouping by some columns twice: within each month, and over all months (where month is NULL). #}
{% macro month_and_all(columns) -%}
    grouping sets ((month, {{ columns }}), ({{ columns }}))
{%- endmacro %}

{# The words of a text, as a list. #}
{% macro split_words(text) -%}
    {{ adapter.dispatch('split_words', 'ops_tower')(text) }}
{%- endmacro %}

{% macro duckdb__split_words(text) -%}
    string_split({{ text }}, ' ')
{%- endmacro %}
