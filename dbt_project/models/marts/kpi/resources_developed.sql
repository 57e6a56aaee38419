-- Grain: one municipality × month (see kpi_rows).
with developed as (
    select
        municipality_code,
        resolved_ym as period
    from {{ ref('fct_resource_need') }}
    where need_status = 'developed'
)

{{ kpi_rows('developed') }}
