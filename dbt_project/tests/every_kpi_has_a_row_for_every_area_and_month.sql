-- The published table is a full grid: KPI × area × month, nothing missing (its key forbids doubles).
{{ config(severity='error', meta={
    'reason': '0 と未提出を取り違えないよう、すべての升目に行がある。',
    'dagster': {'ref': {'name': 'kpi_monthly'}},
}) }}
select
    catalogue.kpi_id,
    area.area_code,
    grid_month.period
from {{ ref('kpi_catalogue') }} as catalogue
cross join {{ ref('dim_area') }} as area
cross join {{ ref('dim_month') }} as grid_month
left join {{ ref('kpi_monthly') }} as kpi
    on
        catalogue.kpi_id = kpi.kpi_id
        and area.area_level = kpi.area_level
        and area.area_code = kpi.area_code
        and grid_month.period = kpi.period
where kpi.kpi_id is null
