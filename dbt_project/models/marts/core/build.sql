-- Grain: one row, the build.
select
    build.build_id,
    build.origin,
    build.known_at,
    build.as_of,
    grid_month.period as data_month,
    build.prefecture_code,
    build.prefecture_name
from {{ ref('stg_build') }} as build
left join {{ ref('dim_month') }} as grid_month on grid_month.is_data_month
