-- Grain: one fiscal year × area × agency type.
with referred as (
    select
        {{ fiscal_year_start('period') }} as fiscal_year_start,
        area_level,
        area_code,
        member as agency_type,
        cast(sum(numerator) as bigint) as cases
    from {{ ref('kpi_monthly_by') }}
    where kpi_id = 'new_cases' and dimension = 'referred_from'
    group by all
)

select
    {{ fiscal_year('case_year.period') }} as fiscal_year,
    case_year.prefecture_code,
    case_year.area_level,
    case_year.area_code,
    referred.agency_type,
    referred.cases,
    case_year.completeness,
    case_year.mark
from {{ ref('kpi_period') }} as case_year
inner join referred
    on
        case_year.period = referred.fiscal_year_start
        and case_year.area_level = referred.area_level
        and case_year.area_code = referred.area_code
where case_year.kpi_id = 'new_cases' and case_year.period_kind = 'fiscal_year'
