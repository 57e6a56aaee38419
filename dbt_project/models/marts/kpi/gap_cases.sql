-- Grain: one municipality × month × member of each breakdown (see kpi_rows).
with gap_need as (
    select * from {{ ref('int_case_stock') }}
    where gap_need
)

{{ kpi_rows('gap_need', dimensions=['gap_response']) }}
