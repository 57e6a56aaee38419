-- Grain: one municipality × month (see kpi_rows).
with setup as (
    select * from {{ ref('int_setup_known') }}
)

{{ kpi_rows(
    'setup',
    numerator='count(*) filter (where as_of >= ' ~ fiscal_year_start('period') ~ ')',
    denominator='count(*)'
) }}
