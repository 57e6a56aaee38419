-- Grain: one municipality × month (see kpi_rows).
with outreach as (
    select * from {{ ref('fct_outreach') }}
)

{{ kpi_rows('outreach') }}
