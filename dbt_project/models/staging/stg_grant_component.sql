-- Grain: one component of the grant, named as in the newest of its rates.
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
    qualify row_number() over (partition by component order by cast(valid_from_fy as bigint) desc) = 1
)

select * from renamed
