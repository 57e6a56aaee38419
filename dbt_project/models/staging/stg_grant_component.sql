-- Grain: one component of the grant.
with source as (
    select * from {{ source('reference', 'grant_components') }}
),

renamed as (
    select
        component,
        label_ja,
        field,
        verified
    from source
)

select * from renamed
