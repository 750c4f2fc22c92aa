-- Groups that no seed names fall back on these rows.
select 'schedules' as seed, '{{ var("default_schedule") }}' as missing
where not exists (select 1 from {{ ref('schedules') }} where schedule = '{{ var("default_schedule") }}')

union all

select 'group_capacity' as seed, '*' as missing
where not exists (select 1 from {{ ref('group_capacity') }} where group_name = '*')
