-- Grain: one municipality × month (see kpi_rows).
with setup as (
    select * from {{ ref('int_setup_known') }}
)

{{ kpi_rows(
    'setup',
    numerator="count(*) filter (where implementation_status = 'implementing')",
    denominator='count(*)'
) }}
