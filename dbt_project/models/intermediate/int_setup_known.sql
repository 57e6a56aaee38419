-- Grain: one municipality × month of the grid: its newest setup row with as_of by the end of the month, or blanks.
select
    grid.municipality_code,
    grid.period,
    setup.as_of,
    setup.implementation_status,
    setup.one_stop_window,
    setup.coordination_team
from {{ ref('int_municipality_month') }} as grid
left join {{ ref('stg_setup') }} as setup
    on
        grid.municipality_code = setup.municipality_code
        and grid.period_end >= setup.as_of
qualify row_number() over (
    partition by grid.municipality_code, grid.period order by setup.as_of desc
) = 1
