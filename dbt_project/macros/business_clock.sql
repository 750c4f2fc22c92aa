{#
  The business clock. A schedule is a step function of time, so the business seconds between two
  instants are the difference of two readings of its cumulative open seconds. A reading is one
  lookup in `int_business_clock` plus a remainder:

      select {{ clock_reading('started', 'e.event_epoch') }}
      from e {{ clock_join('started', 'e.schedule', 'e.event_epoch') }}

  `clock_join_at_reading` and `clock_instant` go the other way, from a reading to its instant.
#}

{% macro clock_join(alias, schedule, instant_epoch) -%}
    inner join {{ ref('int_business_clock') }} as {{ alias }}
        on
            {{ alias }}.schedule = {{ schedule }}
            and {{ alias }}.epoch_day = {{ epoch_day_of(instant_epoch) }}
            and {{ alias }}.opens_epoch <= {{ instant_epoch }}
            and {{ alias }}.until_epoch > {{ instant_epoch }}
{%- endmacro %}

{# Open seconds of the schedule from the clock's beginning to the instant. #}
{% macro clock_reading(alias, instant_epoch) -%}
    ({{ alias }}.open_seconds_before + least({{ instant_epoch }}, {{ alias }}.closes_epoch) - {{ alias }}.opens_epoch)
{%- endmacro %}

{# Found by equality too: each piece stands under every 86,400 open seconds that it touches. #}
{% macro clock_join_at_reading(alias, schedule, reading) -%}
    left join (
        select
            *,
            {{ unnest_range(
                epoch_day_of('open_seconds_before'),
                epoch_day_of('open_seconds_before + closes_epoch - opens_epoch - 1') ~ ' + 1'
            ) }} as reading_day
        from {{ ref('int_business_clock') }}
        where closes_epoch > opens_epoch
    ) as {{ alias }}
        on
            {{ alias }}.schedule = {{ schedule }}
            and {{ alias }}.reading_day = {{ epoch_day_of('(' ~ reading ~ ' - 1)') }}
            and {{ alias }}.open_seconds_before < {{ reading }}
            and {{ alias }}.open_seconds_before + {{ alias }}.closes_epoch - {{ alias }}.opens_epoch >= {{ reading }}
{%- endmacro %}

{# The first instant at which the clock shows the reading; NULL beyond the clock's horizon. #}
{% macro clock_instant(alias, reading) -%}
    ({{ alias }}.opens_epoch + {{ reading }} - {{ alias }}.open_seconds_before)
{%- endmacro %}
