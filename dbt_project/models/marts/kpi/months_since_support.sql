-- Grain: one municipality × month (see kpi_rows).
with last_support as (
    select
        grid.municipality_code,
        grid.period,
        max(received.received_on) as received_on
    from {{ ref('int_municipality_month') }} as grid
    inner join {{ ref('fct_support_received') }} as received
        on grid.municipality_code = received.municipality_code and grid.period_end >= received.received_on
    group by grid.municipality_code, grid.period
)

{{ kpi_rows('last_support', numerator="max(datediff('month', received_on, period))") }}
