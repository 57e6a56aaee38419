-- Grain: one municipality.
with source as (
    select * from {{ source('reference', 'municipalities') }}
),

renamed as (
    select
        municipality_code,
        lg_code5,
        name,
        kana,
        kind,
        county,
        region,
        'R-' || region as region_code,
        region_verified,
        cast(population_2020 as bigint) as population_2020,
        cast(lat as double) as lat,
        cast(lon as double) as lon,
        cast(tile_col as integer) as tile_col,
        cast(tile_row as integer) as tile_row,
        tile_label,
        cast(pop_under15 as bigint) as pop_under15,
        cast(pop_15_64 as bigint) as pop_15_64,
        cast(pop_65plus as bigint) as pop_65plus,
        cast(pop_75plus as bigint) as pop_75plus,
        cast(pop_foreign as bigint) as pop_foreign,
        cast(households_general as bigint) as households_general,
        cast(households_single as bigint) as households_single,
        cast(households_elderly_couple as bigint) as households_elderly_couple,
        cast(households_elderly_single as bigint) as households_elderly_single,
        cast(area_ha as bigint) as area_ha,
        cast(habitable_area_ha as bigint) as habitable_area_ha
    from source
)

select * from renamed
