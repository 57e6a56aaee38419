-- Grain: one municipality × month (see kpi_rows).
with current_submission as (
    select * from {{ ref('fct_form_status') }}
    where is_monthly_municipal and is_accepted
)

{{ kpi_rows('current_submission', numerator='sum(rows_rejected)', denominator='sum(rows_total)') }}
