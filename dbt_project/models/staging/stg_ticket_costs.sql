with source as (

    select * from {{ source('raw', 'ticket_costs') }}

),

renamed as (

    select
        ticket_id,
        group_name,
        handle_minutes,
        cost_usd
    from source

)

select * from renamed
