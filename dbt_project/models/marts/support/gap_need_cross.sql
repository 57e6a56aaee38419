-- Grain: one fiscal year × area × gap_reason × age_band.
with pair as (
    select
        reason.member as gap_reason,
        age.member as age_band
    from {{ ref('kpi_member') }} as reason
    inner join {{ ref('kpi_member') }} as age on reason.kpi_id = age.kpi_id
    where reason.kpi_id = 'gap_needs' and reason.dimension = 'gap_reason' and age.dimension = 'age_band'
),

counted as (
    select
        {{ fiscal_year('consultation.period') }} as fiscal_year,
        area.area_level,
        area.area_code,
        coalesce(consultation.gap_reason, 'unknown') as gap_reason,
        coalesce(consultation.age_band, 'unknown') as age_band,
        count(*) as consultations
    from {{ ref('fct_consultation') }} as consultation
    inner join {{ ref('int_area_municipality') }} as area
        on consultation.municipality_code = area.municipality_code
    where consultation.gap_need
    group by all
)

select
    {{ fiscal_year('gap_year.period') }} as fiscal_year,
    gap_year.prefecture_code,
    gap_year.area_level,
    gap_year.area_code,
    pair.gap_reason,
    pair.age_band,
    case when gap_year.mark is null then coalesce(counted.consultations, 0) end as consultations,
    gap_year.completeness,
    gap_year.mark
from {{ ref('kpi_period') }} as gap_year
cross join pair
left join counted
    on
        {{ fiscal_year('gap_year.period') }} = counted.fiscal_year
        and gap_year.area_level = counted.area_level
        and gap_year.area_code = counted.area_code
        and pair.gap_reason = counted.gap_reason
        and pair.age_band = counted.age_band
where gap_year.kpi_id = 'gap_needs' and gap_year.period_kind = 'fiscal_year'
