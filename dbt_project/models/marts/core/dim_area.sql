-- Grain: one area: the prefecture, a region or a municipality.
with area as (
    select
        1 as level_order,
        'prefecture' as area_level,
        prefecture_code as area_code,
        prefecture_name as label_ja,
        cast(null as varchar) as region_code,
        prefecture_code as first_code
    from {{ ref('stg_build') }}
    union all
    select
        2 as level_order,
        'region' as area_level,
        region_code as area_code,
        region as label_ja,
        region_code,
        min(municipality_code) as first_code
    from {{ ref('dim_municipality') }}
    group by region_code, region
    union all
    select
        3 as level_order,
        'municipality' as area_level,
        municipality_code as area_code,
        name as label_ja,
        region_code,
        municipality_code as first_code
    from {{ ref('dim_municipality') }}
)

select
    area_level,
    area_code,
    label_ja,
    region_code,
    cast(row_number() over (order by level_order, first_code) as integer) as sort
from area
