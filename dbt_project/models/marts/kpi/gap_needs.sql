-- Grain: one municipality × month × member of each breakdown (see kpi_rows).
with gap_need as (
    select * from {{ ref('fct_consultation') }}
    where gap_need
)

{{ kpi_rows('gap_need', dimensions=['gap_reason', 'age_band', 'household_type']) }}
