{% set age_classes = ['0_1', '1_3', '3_7', '7_plus'] %}

with outcomes as (

    select * from {{ ref('mart_ticket_outcomes') }}

),

events as (

    select * from {{ ref('int_event_transitions') }}

),

visits as (

    select * from {{ ref('int_group_visits') }}

),

-- Up to the day that the as-of instant closes or lies in; a midnight belongs to the day before it
-- unless something happened at that very instant.
span as (

    select
        {{ epoch_days('least(min(created_at), min(first_event_at))') }} as first_day,
        {{ epoch_days('greatest(max(last_event_at), ' ~ as_of() ~ ' - interval 1 microsecond)') }} as last_day
    from {{ ref('int_ticket_lifetime') }}

),

groups as (

    select first_group_name as group_name from outcomes
    union
    select group_name from visits
    union
    select group_name from {{ ref('stg_ticket_costs') }}

),

calendar as (

    select
        {{ from_epoch_days('epoch_day') }} as date,
        groups.group_name
    from (select {{ unnest_range('first_day', 'last_day + 1') }} as epoch_day from span)
    cross join groups

),

-- The unsolved stretches of tickets, by the days at whose end they stand. A ticket is n days old at the
-- end of the day of its creation plus n, if the as-of instant lets it grow so old.
stretches as (

    select
        events.group_name,
        {{ epoch_days('events.event_at') }} as first_day,
        case
            when events.next_event_at is null then span.last_day + 1
            else {{ epoch_days('events.next_event_at') }}
        end as past_last_day,
        {{ epoch_day_of(epoch_seconds('tickets.created_at') ~ ' - 1') }} as day_of_creation,
        ({{ epoch_seconds(as_of()) }} - {{ epoch_seconds('tickets.created_at') }}) / 86400.0 as final_age_days
    from events
    cross join span
    inner join {{ ref('stg_tickets') }} as tickets on events.ticket_id = tickets.ticket_id
    where events.is_unsolved

),

-- The days on which each stretch enters a class of age and leaves it: what is to be added up grows
-- with the events, however long tickets stand.
classed as (

    select
        stretches.group_name,
        classes.age_class,
        greatest(
            stretches.first_day,
            case
                when classes.from_days = 0 then stretches.first_day
                when stretches.final_age_days >= classes.from_days then stretches.day_of_creation + classes.from_days
                else stretches.past_last_day
            end
        ) as enters,
        least(
            stretches.past_last_day,
            case
                when stretches.final_age_days >= classes.to_days then stretches.day_of_creation + classes.to_days
                else stretches.past_last_day
            end
        ) as leaves
    from stretches
    cross join (
        values ('0_1', 0, 1), ('1_3', 1, 3), ('3_7', 3, 7), ('7_plus', 7, null)
    ) as classes (age_class, from_days, to_days)

),

moves as (

    select group_name, age_class, enters as epoch_day, 1 as moved_tickets
    from classed
    where enters < leaves

    union all

    select group_name, age_class, leaves as epoch_day, -1 as moved_tickets
    from classed
    where enters < leaves

),

moved as (

    select
        {{ from_epoch_days('epoch_day') }} as date,
        group_name,
        {% for age_class in age_classes -%}
        sum(case when age_class = '{{ age_class }}' then moved_tickets else 0 end) as moved_{{ age_class }},
        {% endfor -%}
        sum(moved_tickets) as moved_tickets
    from moves
    group by epoch_day, group_name

),

backlog as (

    select
        calendar.date,
        calendar.group_name,
        {% for age_class in age_classes -%}
        cast(sum(coalesce(moved.moved_{{ age_class }}, 0)) over so_far as bigint) as backlog_{{ age_class }}_days,
        {% endfor -%}
        cast(sum(coalesce(moved.moved_tickets, 0)) over so_far as bigint) as backlog_tickets
    from calendar
    left join moved on calendar.date = moved.date and calendar.group_name = moved.group_name
    window so_far as (
        partition by calendar.group_name order by calendar.date
        rows between unbounded preceding and current row
    )

),

created as (

    select created_date as date, first_group_name as group_name, count(*) as created_tickets
    from outcomes
    group by all

),

held as (

    select created_date as date, group_name, count(*) as created_tickets_by_holder
    from outcomes
    group by all

),

happenings as (

    select
        cast(event_at as date) as date,
        group_name,
        count(*) filter (where is_arrival) as arrived_tickets,
        count(*) filter (where is_solve) as solved_tickets,
        count(*) filter (where is_reopen) as reopened_tickets,
        sum(handle_seconds) / 60.0 as handle_minutes
    from events
    group by all

),

closed as (

    select cast(closed_at as date) as date, group_name, count(*) as closed_tickets
    from outcomes
    where closed_at is not null
    group by all

),

finished as (

    select
        cast(finished_at as date) as date,
        finished_group_name as group_name,
        count(*) as finished_tickets,
        sum(cycle_hours) as cycle_hours_sum
    from {{ ref('int_ticket_lifetime') }}
    where is_finished
    group by all

),

replied as (

    select
        cast(first_reply_at as date) as date,
        first_reply_group_name as group_name,
        count(*) as first_replies,
        sum(first_reply_minutes) as first_reply_minutes_sum,
        sum(first_reply_business_minutes) as first_reply_business_minutes_sum
    from {{ ref('int_ticket_lifetime') }}
    where first_reply_at is not null
    group by all

),

judged as (

    select
        cast(sla_judged_at as date) as date,
        sla_group_name as group_name,
        count(*) as judged_tickets,
        count(*) filter (where is_sla_met) as met_tickets
    from outcomes
    where is_sla_met is not null
    group by all

),

rated as (

    select
        cast(ratings.rated_at as date) as date,
        outcomes.group_name,
        count(*) as ratings,
        cast(sum(ratings.csat_score) as bigint) as csat_score_sum
    from {{ ref('stg_satisfaction_ratings') }} as ratings
    inner join outcomes on ratings.ticket_id = outcomes.ticket_id
    group by all

),

-- A cost has no date of its own: it is booked on the day of the group's last event on the ticket.
last_worked as (

    select ticket_id, group_name, max(last_event_at) as last_event_at
    from visits
    group by all

),

spent as (

    select
        cast(coalesce(last_worked.last_event_at, outcomes.created_at) as date) as date,
        costs.group_name,
        sum(costs.cost_usd) as cost_usd
    from {{ ref('stg_ticket_costs') }} as costs
    inner join outcomes on costs.ticket_id = outcomes.ticket_id
    left join last_worked
        on costs.ticket_id = last_worked.ticket_id and costs.group_name = last_worked.group_name
    group by all

)

select
    calendar.date,
    calendar.group_name,
    {% for measure, relation in {
        'created_tickets': 'created',
        'created_tickets_by_holder': 'held',
        'arrived_tickets': 'happenings',
        'solved_tickets': 'happenings',
        'closed_tickets': 'closed',
        'reopened_tickets': 'happenings',
        'backlog_tickets': 'backlog',
        'backlog_0_1_days': 'backlog',
        'backlog_1_3_days': 'backlog',
        'backlog_3_7_days': 'backlog',
        'backlog_7_plus_days': 'backlog',
        'finished_tickets': 'finished',
        'cycle_hours_sum': 'finished',
        'first_replies': 'replied',
        'first_reply_minutes_sum': 'replied',
        'first_reply_business_minutes_sum': 'replied',
        'judged_tickets': 'judged',
        'met_tickets': 'judged',
        'ratings': 'rated',
        'csat_score_sum': 'rated',
        'handle_minutes': 'happenings',
        'cost_usd': 'spent',
    }.items() -%}
    coalesce({{ relation }}.{{ measure }}, 0) as {{ measure }}{{ ',' if not loop.last }}
    {% endfor %}
from calendar
{% for relation in
    ['created', 'held', 'happenings', 'backlog', 'closed', 'finished', 'replied', 'judged', 'rated', 'spent'] -%}
left join {{ relation }} on calendar.date = {{ relation }}.date and calendar.group_name = {{ relation }}.group_name
{% endfor %}
