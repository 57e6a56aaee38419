-- Grain: one KPI that adds over time × area with at least twelve known months: its values over all months of the grid.
select
    kpi.kpi_id,
    kpi.area_level,
    kpi.area_code,
    catalogue.kind,
    cast(count(kpi.value) as integer) as months,
    min(kpi.period) filter (where kpi.value is not null) as first_period,
    max(kpi.period) filter (where kpi.value is not null) as last_period,
    list(kpi.period order by kpi.period) as periods,
    list(kpi.value order by kpi.period) as month_values
from {{ ref('kpi_monthly') }} as kpi
inner join {{ ref('kpi_catalogue') }} as catalogue on kpi.kpi_id = catalogue.kpi_id
where catalogue.adds_over_time
group by kpi.kpi_id, kpi.area_level, kpi.area_code, catalogue.kind
having count(kpi.value) >= 12
