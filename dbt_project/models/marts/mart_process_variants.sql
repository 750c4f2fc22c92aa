with variants as (

    select
        variant_id,
        any_value(activity_codes) as activity_codes,
        count(*) as cases,
        count(*) filter (where is_finished) as finished_cases,
        {{ quantile('case when is_finished then case_hours end', 0.5) }} as median_finished_hours,
        {{ quantile('case_hours', 0.5) }} as median_hours,
        sum(case_hours) as total_hours
    from (
        select *, {{ cycle_hours('first_event_at', 'last_event_at') }} as case_hours
        from {{ ref('int_ticket_lifetime') }}
        where events > 0
    )
    group by variant_id

),

steps as (

    select
        variant_id,
        {{ unnest_list('activity_codes') }} as activity_code,
        {{ unnest_range(1, 'len(activity_codes) + 1') }} as step
    from variants

),

spelled as (

    select
        steps.variant_id,
        {{ ordered_list('activities.activity', 'steps.step') }} as activities
    from steps
    inner join {{ ref('mart_activities') }} as activities on steps.activity_code = activities.activity_code
    group by steps.variant_id

)

select
    variants.variant_id,
    {{ join_list('spelled.activities', ' > ') }} as variant,
    len(spelled.activities) as activities,
    variants.cases,
    variants.finished_cases,
    coalesce(variants.median_finished_hours, variants.median_hours) as median_cycle_hours,
    variants.total_hours,
    spelled.activities[1] as first_activity,
    spelled.activities[-1] as last_activity
from variants
inner join spelled on variants.variant_id = spelled.variant_id
