-- Grain: one municipality × month (see kpi_rows).
with expected as (
    select * from {{ ref('fct_form_status') }}
    where is_monthly_municipal and is_expected
)

{{ kpi_rows(
    'expected',
    numerator='count(*) filter (where is_on_time)',
    denominator='count(*)'
) }}
