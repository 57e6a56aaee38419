-- Grain: one municipality × month (see kpi_rows).
with multi_agency as (
    select
        municipality_code,
        {{ months_after('accepted_ym', 3) }} as period,
        planned_ym
    from {{ ref('fct_case') }}
    where service = 'multi_agency'
)

{{ kpi_rows(
    'multi_agency',
    numerator='count(*) filter (where planned_ym <= period)',
    denominator='count(*)'
) }}
