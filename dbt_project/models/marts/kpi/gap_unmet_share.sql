-- Grain: one municipality × month (see kpi_rows).
with gap_need as (
    select * from {{ ref('int_case_stock') }}
    where gap_need
)

{{ kpi_rows(
    'gap_need',
    numerator="count(*) filter (where gap_response = 'none_yet')",
    denominator='count(*)'
) }}
