with source as (

    select * from {{ source('raw', 'satisfaction_ratings') }}

),

renamed as (

    select
        rating_id,
        ticket_id,
        score as csat_score,
        rated_at,
        comment as rating_comment
    from source

)

select * from renamed
