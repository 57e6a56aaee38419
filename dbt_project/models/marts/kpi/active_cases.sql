-- Grain: one municipality × month × member of each breakdown (see kpi_rows).
with stock as (
    select * from {{ ref('int_case_stock') }}
)

{{ kpi_rows('stock', dimensions=['service']) }}
