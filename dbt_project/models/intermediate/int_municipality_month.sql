-- Grain: one municipality × month of the grid.
select
    municipality.municipality_code,
    grid_month.period,
    last_day(grid_month.period) as period_end,
    {{ fiscal_year('grid_month.period') }} as fiscal_year,
    {{ fiscal_year_start('grid_month.period') }} as fiscal_year_start
from {{ ref('stg_municipality') }} as municipality
cross join {{ ref('int_month') }} as grid_month
