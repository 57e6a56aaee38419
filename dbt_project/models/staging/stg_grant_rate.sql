-- Grain: one component of the grant × the fiscal years for which its rates hold.
-- A rate is a fraction, never a decimal: 77/200 has none that is exact.
with source as (
    select * from {{ source('reference', 'grant_components') }}
),

renamed as (
    select
        component,
        cast(valid_from_fy as bigint) as valid_from_fy,
        cast(nullif(valid_to_fy, '') as bigint) as valid_to_fy,
        cast(split_part(national_rate, '/', 1) as bigint) as national_numerator,
        cast(split_part(national_rate, '/', 2) as bigint) as national_denominator,
        cast(split_part(prefectural_rate, '/', 1) as bigint) as prefectural_numerator,
        cast(split_part(prefectural_rate, '/', 2) as bigint) as prefectural_denominator,
        verified
    from source
)

select * from renamed
