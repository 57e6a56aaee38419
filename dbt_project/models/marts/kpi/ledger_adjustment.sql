-- Grain: one municipality × month (see kpi_rows).
with ledger_change as (
    select * from {{ ref('fct_ledger_change') }}
)

{{ kpi_rows('ledger_change', numerator='sum(adjusted_cases)') }}
