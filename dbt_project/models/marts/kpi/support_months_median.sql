-- Grain: one area × month that has a median (see kpi_rows; no figure of an area is the sum of others).
select
    area_code,
    period,
    cast(null as varchar) as dimension,
    cast(null as varchar) as member,
    cast(months as bigint) as numerator,
    cast(null as bigint) as denominator
from {{ ref('support_median') }}
