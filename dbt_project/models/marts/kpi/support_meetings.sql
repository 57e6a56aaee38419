-- Grain: one municipality × month (see kpi_rows).
with meeting as (
    select * from {{ ref('fct_meeting') }}
    where meeting_type = 'support_106_6'
)

{{ kpi_rows('meeting') }}
