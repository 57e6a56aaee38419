-- Σ members = the KPI, for every breakdown in which one event has exactly one member.
-- Also finds a member that no code list has.
{{ config(severity='error', meta={
    'reason': '1件に1つの項目だけが当たる内訳の合計は、指標に等しい。',
    'dagster': {'ref': {'name': 'kpi_monthly_by'}},
}) }}
with summed as (
    select
        by_member.kpi_id,
        by_member.period,
        by_member.area_level,
        by_member.area_code,
        by_member.dimension,
        sum(by_member.numerator) as numerator,
        sum(by_member.denominator) as denominator
    from {{ ref('kpi_monthly_by') }} as by_member
    inner join {{ ref('kpi_breakdown') }} as breakdown
        on by_member.kpi_id = breakdown.kpi_id and by_member.dimension = breakdown.dimension
    where breakdown.is_single_choice
    group by all
)

select
    summed.kpi_id,
    summed.period,
    summed.area_code,
    summed.dimension
from summed
inner join {{ ref('kpi_monthly') }} as kpi
    on
        summed.kpi_id = kpi.kpi_id
        and summed.period = kpi.period
        and summed.area_level = kpi.area_level
        and summed.area_code = kpi.area_code
where
    summed.numerator is distinct from kpi.numerator
    or summed.denominator is distinct from kpi.denominator
