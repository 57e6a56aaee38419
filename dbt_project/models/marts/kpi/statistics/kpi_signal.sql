-- Grain: one KPI × area: its control chart over the months known, and the months that chance alone does not explain.
select
    series.kpi_id,
    series.area_level,
    series.area_code,
    case when chart.is_poisson then 'poisson' else 'xmr' end as method,
    series.months,
    series.first_period,
    series.last_period,
    chart.centre,
    -- None of these figures is below 0 and no share above 1: a limit beyond is not drawn there.
    case when not isnan(chart.lower) then greatest(chart.lower, 0) end as lower,
    case when not isnan(chart.upper) then if(series.kind = 'share', least(chart.upper, 1), chart.upper) end as upper,
    chart.signals,
    cast(null as varchar) as mark
from {{ ref('kpi_series') }} as series
inner join {{ ref('signal_chart') }} as chart
    on
        series.kpi_id = chart.kpi_id
        and series.area_level = chart.area_level
        and series.area_code = chart.area_code
