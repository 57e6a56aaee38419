-- Grain: one municipality × month (see kpi_rows).
with consultation as (
    select * from {{ ref('fct_consultation') }}
)

{{ kpi_rows('consultation') }}
