-- Grain: one row, the build under way.
with source as (
    select * from {{ source('intake', 'build') }}
),

renamed as (
    select
        build_id,
        origin,
        known_at,
        as_of,
        prefecture_code,
        prefecture_name,
        monthly_deadline_day,
        prefectural_share_rule
    from source
)

select * from renamed
