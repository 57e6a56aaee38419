-- Grain: one municipality × month of the grid.
select
    municipality.municipality_code,
    month.period,
    last_day(month.period) as period_end,
    {{ fiscal_year('month.period') }} as fiscal_year,
    {{ fiscal_year_start('month.period') }} as fiscal_year_start
from {{ ref('stg_municipality') }} as municipality
cross join {{ ref('int_month') }} as month
