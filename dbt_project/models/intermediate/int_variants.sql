with variants as (

    select
        activity_codes,
        row_number() over (order by activity_codes) as variant_id,
        count(*) as cases,
        {{ hours_of('sum(case_microseconds)') }} as total_hours,
        {{ hours_of(quantile('case_microseconds', 0.5)) }} as median_hours
    from (
        select activity_codes, {{ microseconds_between('first_event_at', 'last_event_at') }} as case_microseconds
        from {{ ref('int_ticket_paths') }}
    )
    group by activity_codes

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
    inner join {{ ref('int_activities') }} as activities on steps.activity_code = activities.activity_code
    group by steps.variant_id

)

select
    variants.variant_id,
    variants.activity_codes,
    {{ join_list('spelled.activities', ' > ') }} as variant,
    len(spelled.activities) as activities,
    variants.cases,
    variants.total_hours,
    variants.median_hours,
    spelled.activities[1] as first_activity,
    spelled.activities[-1] as last_activity
from variants
inner join spelled on variants.variant_id = spelled.variant_id
