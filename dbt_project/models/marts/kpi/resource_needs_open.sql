-- Grain: one municipality × month (see kpi_rows).
with need as (
    select * from {{ ref('stg_resource_need') }}
    where need_status in ('identified', 'considering')
)

{{ kpi_rows('need') }}
