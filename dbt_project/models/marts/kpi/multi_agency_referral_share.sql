-- Grain: one municipality × month (see kpi_rows).
with complex_consultation as (
    select * from {{ ref('fct_consultation') }}
    where is_complex
)

{{ kpi_rows(
    'complex_consultation',
    numerator="count(*) filter (where screening_result = '4')",
    denominator='count(*)'
) }}
