with source as (

    select * from {{ source('raw', 'tickets') }}

),

renamed as (

    select
        ticket_id,
        external_id,
        subject,
        type as ticket_type,
        priority,
        channel,
        status,
        group_name,
        assignee_id,
        organization_id,
        organization_name,
        organization_tier,
        organization_churned_at,
        sla_policy_id,
        created_at,
        solved_at,
        closed_at
    from source

)

select * from renamed
