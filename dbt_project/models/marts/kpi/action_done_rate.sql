-- Grain: one municipality × month (see kpi_rows).
with due as (
    select
        grid.municipality_code,
        grid.period,
        agreed.done_on <= grid.period_end as is_done
    from {{ ref('int_municipality_month') }} as grid
    inner join {{ ref('fct_dispatch_action') }} as agreed
        on grid.municipality_code = agreed.municipality_code and grid.period_end >= agreed.due_on
    where agreed.action_status <> 'dropped'
)

{{ kpi_rows(
    'due',
    numerator='count(*) filter (where is_done)',
    denominator='count(*)'
) }}
