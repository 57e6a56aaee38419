-- Grain: one KPI × month × area that has an interval: shares, rates and counts of persons.
-- Shares are binomial (Wilson), rates and counts Poisson (Garwood). Only municipalities have a place in a funnel.
with cell as (
    select
        kpi.kpi_id,
        kpi.period,
        kpi.area_level,
        kpi.area_code,
        case when catalogue.kind = 'share' then 'wilson' else 'garwood' end as method,
        kpi.numerator,
        kpi.denominator,
        kpi.value,
        -- What one of the numerator is in the unit of the value.
        case catalogue.kind when 'count' then 1 else catalogue.per / nullif(kpi.denominator, 0) end as value_of_one,
        kpi.area_level = 'municipality' and catalogue.kind in ('share', 'rate') as is_in_funnel,
        kpi.mark
    from {{ ref('kpi_monthly') }} as kpi
    inner join {{ ref('kpi_catalogue') }} as catalogue on kpi.kpi_id = catalogue.kpi_id
    where catalogue.counts_persons and catalogue.kind in ('share', 'rate', 'count')
)

select
    cell.kpi_id,
    cell.period,
    cell.area_level,
    cell.area_code,
    cell.method,
    cell.numerator,
    cell.denominator,
    cell.value_of_one,
    prefecture.numerator as centre_numerator,
    prefecture.denominator as centre_denominator,
    prefecture.value as centre,
    cell.mark
from cell
left join cell as prefecture
    on
        cell.is_in_funnel
        and cell.denominator > 0
        and prefecture.denominator > 0
        and prefecture.area_level = 'prefecture'
        and cell.kpi_id = prefecture.kpi_id
        and cell.period = prefecture.period
