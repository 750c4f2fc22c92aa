-- Each metric's rule for each status that a ticket can be in. Its number goes through the windows
-- below in place of its words, which makes them a third cheaper.
with rules as (

    select
        cast(row_number() over (order by metrics.metric, statuses.status) as smallint) as rule_number,
        cast(dense_rank() over (order by metrics.metric) as smallint) as metric_number,
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
        rules.rule_number,
        rules.metric_number,
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
        running.ticket_id,
        running.event_number,
        running.rule_number,
        running.metric_number,
        running.instance_key,
        running.event_epoch,
        running.until_epoch,
        running.is_open_ended,
        running.group_name,
        running.priority,
        running.schedule,
        running.clock_reading,
        running.calendar_seconds,
        running.business_seconds,
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

),

-- Instances of a metric follow one another, so an instance's running total is the metric's, less
-- what the instances before it counted: one sort serves all three windows.
numbered as (

    select
        *,
        dense_rank() over (partition by ticket_id, metric_number order by instance_key) as instance,
        sum(counted_seconds) over (
            partition by ticket_id, metric_number order by instance_key, event_number
            rows between unbounded preceding and current row
        ) as total_seconds,
        sum(counted_seconds) over (
            partition by ticket_id, metric_number order by instance_key
            range between unbounded preceding and 1 preceding
        ) as earlier_seconds
    from counted

)

select
    numbered.ticket_id,
    rules.metric,
    cast(numbered.instance as integer) as instance,
    numbered.event_number as segment,
    {{ from_epoch_seconds('numbered.event_epoch') }} as from_at,
    {{ from_epoch_seconds('numbered.until_epoch') }} as to_at,
    rules.status,
    numbered.group_name,
    numbered.priority,
    rules.is_counted,
    case when rules.is_counted then 'counts while ' else 'pauses while ' end || rules.status as rule,
    numbered.schedule,
    numbered.clock_reading,
    numbered.calendar_seconds,
    numbered.business_seconds,
    numbered.is_business_hours,
    cast(numbered.counted_seconds as bigint) as counted_seconds,
    cast(numbered.total_seconds - coalesce(numbered.earlier_seconds, 0) as bigint) as running_seconds,
    numbered.target_seconds,
    numbered.is_open_ended
from numbered
inner join rules on numbered.rule_number = rules.rule_number
