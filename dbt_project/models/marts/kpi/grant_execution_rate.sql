-- Grain: one municipality × month × member of each breakdown (see kpi_rows).
with executed as (
    select * from {{ ref('int_grant_booked') }}
    where final_yen is not null and decided_yen is not null
)

{{ kpi_rows(
    'executed',
    numerator='sum(final_yen)',
    denominator='sum(decided_yen)',
    dimensions=['field']
) }}
