with source as (

    select * from {{ source('raw', 'ticket_events') }}

),

renamed as (

    select
        event_id,
        ticket_id,
        event_at,
        activity,
        status,
        priority,
        group_name,
        agent_id,
        actor_role,
        is_public,
        handle_seconds,
        source_position
    from source

)

select * from renamed
