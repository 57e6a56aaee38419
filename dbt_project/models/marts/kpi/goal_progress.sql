-- Grain: one municipality × month (see kpi_rows).
with due as (
    select
        grid.municipality_code,
        grid.period,
        goal.is_reached
    from {{ ref('int_municipality_month') }} as grid
    inner join {{ ref('fct_goal') }} as goal
        on
            grid.municipality_code = goal.municipality_code
            and grid.fiscal_year = goal.fiscal_year
            and grid.period >= goal.due_ym
    where goal.measured_kpi is not null
)

{{ kpi_rows(
    'due',
    numerator='count(*) filter (where is_reached)',
    denominator='count(*)'
) }}
