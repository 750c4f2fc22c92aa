{#
  Instants and durations. An instant is a naive UTC timestamp; the project counts in the whole
  second in which it falls, so that sums of parts equal the whole, to the second.
#}

{# Whole seconds since 1970-01-01 00:00 UTC. #}
{% macro epoch_seconds(instant) -%}
    {{ adapter.dispatch('epoch_seconds', 'ops_tower')(instant) }}
{%- endmacro %}

{% macro duckdb__epoch_seconds(instant) -%}
    (epoch_us({{ instant }}) // 1000000)
{%- endmacro %}

{# The instant that lies so many whole seconds after 1970-01-01 00:00 UTC. #}
{% macro from_epoch_seconds(seconds) -%}
    {{ adapter.dispatch('from_epoch_seconds', 'ops_tower')(seconds) }}
{%- endmacro %}

{% macro duckdb__from_epoch_seconds(seconds) -%}
    make_timestamp(1000000 * cast({{ seconds }} as bigint))
{%- endmacro %}

{# Seconds by which local time in `zone` is ahead of UTC at a UTC instant. #}
{% macro utc_offset_seconds(instant, zone) -%}
    {{ adapter.dispatch('utc_offset_seconds', 'ops_tower')(instant, zone) }}
{%- endmacro %}

{% macro duckdb__utc_offset_seconds(instant, zone) -%}
    (epoch_us(timezone({{ zone }}, timezone('UTC', {{ instant }}))) - epoch_us({{ instant }})) // 1000000
{%- endmacro %}

{# Seconds after midnight of a clock time written HH:MM, up to 24:00. #}
{% macro clock_time_seconds(clock_time) -%}
    (3600 * cast(substr({{ clock_time }}, 1, 2) as bigint) + 60 * cast(substr({{ clock_time }}, 4, 2) as bigint))
{%- endmacro %}

{# One row per number from `first` to before `past_last`, for use in a select list. #}
{% macro unnest_range(first, past_last) -%}
    {{ adapter.dispatch('unnest_range', 'ops_tower')(first, past_last) }}
{%- endmacro %}

{% macro duckdb__unnest_range(first, past_last) -%}
    unnest(range({{ first }}, {{ past_last }}))
{%- endmacro %}

{# The day in which so many seconds since 1970-01-01 UTC lie, counted likewise. #}
{% macro epoch_day_of(seconds) -%}
    {{ adapter.dispatch('epoch_day_of', 'ops_tower')(seconds) }}
{%- endmacro %}

{% macro duckdb__epoch_day_of(seconds) -%}
    (({{ seconds }}) // 86400)
{%- endmacro %}

{# The day of an instant, as days since 1970-01-01 UTC. #}
{% macro epoch_days(instant) -%}
    {{ adapter.dispatch('epoch_days', 'ops_tower')(instant) }}
{%- endmacro %}

{% macro duckdb__epoch_days(instant) -%}
    (cast({{ instant }} as date) - date '1970-01-01')
{%- endmacro %}

{# The date that lies so many days after 1970-01-01. #}
{% macro from_epoch_days(days) -%}
    {{ adapter.dispatch('from_epoch_days', 'ops_tower')(days) }}
{%- endmacro %}

{% macro duckdb__from_epoch_days(days) -%}
    (date '1970-01-01' + cast({{ days }} as integer))
{%- endmacro %}

{# The calendar month of an instant, as YYYY-MM. #}
{% macro month_of(instant) -%}
    {{ adapter.dispatch('month_of', 'ops_tower')(instant) }}
{%- endmacro %}

{% macro duckdb__month_of(instant) -%}
    strftime({{ instant }}, '%Y-%m')
{%- endmacro %}

{# The data's own now: nothing here reads the wall clock. #}
{% macro as_of() -%}
    (select max(as_of) from {{ source('raw', 'source_info') }})
{%- endmacro %}

{# The day of the week of a date: 1 is Monday, 7 is Sunday. #}
{% macro iso_weekday(date) -%}
    {{ adapter.dispatch('iso_weekday', 'ops_tower')(date) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(date) -%}
    isodow({{ date }})
{%- endmacro %}

{#
  Process mining measures what lies between two events to the microsecond, as its reference does;
  whole seconds are for clocks that have targets.
#}
{% macro microseconds_between(started_at, ended_at) -%}
    {{ adapter.dispatch('microseconds_between', 'ops_tower')(started_at, ended_at) }}
{%- endmacro %}

{% macro duckdb__microseconds_between(started_at, ended_at) -%}
    (epoch_us({{ ended_at }}) - epoch_us({{ started_at }}))
{%- endmacro %}

{# Microseconds as hours. #}
{% macro hours_of(microseconds) -%}
    ({{ microseconds }} / 3600000000.0)
{%- endmacro %}
