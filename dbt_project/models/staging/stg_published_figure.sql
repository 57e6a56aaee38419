-- Grain: one figure × area × date × status.
with source as (
    select * from {{ source('reference', 'published_figures') }}
),

renamed as (
    select
        figure,
        area,
        as_of,
        cast(value as double) as value,
        unit,
        status,
        source,
        verified
    from source
)

select * from renamed
