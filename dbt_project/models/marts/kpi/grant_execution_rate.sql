-- Grain: one municipality × month × member of each breakdown (see kpi_rows).
with executed as (
    select * from {{ ref('int_grant_executed') }}
)

{{ kpi_rows(
    'executed',
    numerator='sum(final_yen)',
    denominator='sum(decided_yen)',
    dimensions=['field']
) }}
