with source as (

    select * from {{ source('raw', 'sla_policies') }}

),

renamed as (

    select
        sla_policy_id,
        policy_name,
        priority,
        metric,
        target_seconds,
        is_business_hours
    from source

)

select * from renamed
