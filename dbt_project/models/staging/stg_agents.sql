with source as (

    select * from {{ source('raw', 'agents') }}

),

renamed as (

    select
        agent_id,
        name as agent_name,
        group_name,
        role as agent_role,
        time_zone,
        fte,
        is_active,
        created_at,
        deactivated_at
    from source

)

select * from renamed
