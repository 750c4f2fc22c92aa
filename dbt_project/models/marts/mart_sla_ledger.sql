-- Each metric's rule for each status that a ticket can be in.
with rules as (

    select
        metrics.metric,
        metrics.is_resumed,
        statuses.status,
        {{ has_word('metrics.counts_while', 'statuses.status') }} as is_counted,
        {% for mark in sla_marks() -%}
        {{ has_word('metrics.starts_on', "'" ~ mark ~ "'") }} as starts_on_{{ mark }},
        {{ has_word('metrics.ends_on', "'" ~ mark ~ "'") }} as ends_on_{{ mark }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('sla_metrics') }} as metrics
    cross join (
        values ('new'), ('open'), ('pending'), ('hold'), ('solved'), ('closed')
    ) as statuses (status)

),

-- Every stretch between two events as every metric sees it: the numbers of the events that last
-- started and last ended the metric, 0 for never.
seen as (

    select
        events.ticket_id,
        events.event_number,
        rules.metric,
        rules.is_counted,
        rules.is_resumed,
        events.event_number < events.final_reopen as is_reopened_later,
        greatest(
            0
            {%- for mark in sla_marks() %},
            case when rules.starts_on_{{ mark }} then events.last_{{ mark }} else 0 end
            {%- endfor %}
        ) as last_start,
        greatest(
            0
            {%- for mark in sla_marks() %},
            case when rules.ends_on_{{ mark }} then events.last_{{ mark }} else 0 end
            {%- endfor %}
        ) as last_end,
        events.event_epoch,
        events.until_epoch,
        events.next_event_at is null as is_open_ended,
        events.status,
        events.group_name,
        events.priority,
        events.sla_policy_id,
        events.schedule,
        events.clock_reading,
        events.calendar_seconds,
        events.business_seconds
    from {{ ref('int_event_transitions') }} as events
    inner join rules on events.status = rules.status
    where events.sla_policy_id is not null

),

-- An event ends what runs before it starts anew, hence "at or after". A resumed metric is one
-- instance, which lasts through the solved stretches that a reopening cut short.
running as (

    select
        *,
        case when is_resumed then 0 else last_end end as instance_key
    from seen
    where last_start > 0 and (last_start >= last_end or (is_resumed and is_reopened_later))

),

counted as (

    select
        running.*,
        policies.target_seconds,
        coalesce(policies.is_business_hours, false) as is_business_hours,
        case
            when not running.is_counted then 0
            when policies.is_business_hours then running.business_seconds
            else running.calendar_seconds
        end as counted_seconds
    from running
    left join {{ ref('stg_sla_policies') }} as policies
        on
            running.sla_policy_id = policies.sla_policy_id
            and running.metric = policies.metric
            and running.priority = policies.priority

)

select
    ticket_id,
    metric,
    cast(dense_rank() over (partition by ticket_id, metric order by instance_key) as integer) as instance,
    event_number as segment,
    {{ from_epoch_seconds('event_epoch') }} as from_at,
    {{ from_epoch_seconds('until_epoch') }} as to_at,
    status,
    group_name,
    priority,
    is_counted,
    case when is_counted then 'counts while ' else 'pauses while ' end || status as rule,
    schedule,
    clock_reading,
    calendar_seconds,
    business_seconds,
    is_business_hours,
    cast(counted_seconds as bigint) as counted_seconds,
    cast(
        sum(counted_seconds) over (
            partition by ticket_id, metric, instance_key order by event_number
            rows between unbounded preceding and current row
        ) as bigint
    ) as running_seconds,
    target_seconds,
    is_open_ended
from counted
