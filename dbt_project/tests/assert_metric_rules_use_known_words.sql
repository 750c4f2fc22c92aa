-- A misspelt mark or status in a metric's rule would be passed over in silence.
{% set marks = sla_marks() %}
with words as (

    select metric, {{ unnest_list(split_words("starts_on || ' ' || ends_on")) }} as word, 'mark' as kind
    from {{ ref('sla_metrics') }}

    union all

    select metric, {{ unnest_list(split_words('counts_while')) }} as word, 'status' as kind
    from {{ ref('sla_metrics') }}

)

select *
from words
where
    (kind = 'mark' and word not in ('{{ marks | join("', '") }}'))
    or (kind = 'status' and word not in ('new', 'open', 'pending', 'hold', 'solved', 'closed'))
