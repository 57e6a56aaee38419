-- Grain: one fiscal year × area × step from one stage to the next.
with screening as (
    select
        consultation.municipality_code,
        {{ fiscal_year('consultation.period') }} as fiscal_year,
        'consultation' as from_stage,
        screened.code_group as to_stage
    from {{ ref('fct_consultation') }} as consultation
    inner join {{ ref('stg_code') }} as screened
        on consultation.screening_result = screened.code and screened.code_list = 'screening_result'
),

case_step as (
    select
        municipality_code,
        {{ fiscal_year('accepted_ym') }} as fiscal_year,
        stage as from_stage,
        lead(stage) over (partition by municipality_code, case_no order by stage_order) as to_stage
    from {{ ref('case_stage') }}
),

counted as (
    select
        step.fiscal_year,
        area.area_level,
        area.area_code,
        step.from_stage,
        step.to_stage,
        count(*) as cases
    from (
        select * from screening
        union all
        select * from case_step
        where to_stage is not null
    ) as step
    inner join {{ ref('int_area_municipality') }} as area on step.municipality_code = area.municipality_code
    group by all
)

select
    {{ fiscal_year('cohort.period') }} as fiscal_year,
    cohort.prefecture_code,
    cohort.area_level,
    cohort.area_code,
    step.from_stage,
    step.to_stage,
    case when cohort.mark is null then coalesce(counted.cases, 0) end as cases,
    cohort.completeness,
    cohort.mark
from {{ ref('kpi_period') }} as cohort
inner join {{ ref('support_step') }} as step on cohort.kpi_id = step.cohort_kpi
left join counted
    on
        {{ fiscal_year('cohort.period') }} = counted.fiscal_year
        and cohort.area_level = counted.area_level
        and cohort.area_code = counted.area_code
        and step.from_stage = counted.from_stage
        and step.to_stage = counted.to_stage
where cohort.period_kind = 'fiscal_year'
