-- Grain: one area × municipality in it. A municipality is an area of its own.
select
    'municipality' as area_level,
    municipality_code as area_code,
    municipality_code
from {{ ref('stg_municipality') }}
union all
select
    'region' as area_level,
    region_code as area_code,
    municipality_code
from {{ ref('stg_municipality') }}
union all
select
    'prefecture' as area_level,
    build.prefecture_code as area_code,
    municipality.municipality_code
from {{ ref('stg_municipality') }} as municipality
cross join {{ ref('stg_build') }} as build
