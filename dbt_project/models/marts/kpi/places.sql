-- Grain: one municipality × month (see kpi_rows).
with place as (
    select * from {{ ref('fct_place') }}
    where is_open
)

{{ kpi_rows('place') }}
