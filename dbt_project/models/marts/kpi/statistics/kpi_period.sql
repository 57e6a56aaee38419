-- Grain: one KPI that adds over time × fiscal quarter or fiscal year × area.
with part as (
    select
        kpi.kpi_id,
        kind.period_kind,
        kind.months_of_it,
        case kind.period_kind
            when 'fiscal_year' then {{ fiscal_year_start('kpi.period') }}
            else cast(date_trunc('quarter', kpi.period) as date) -- they begin in April, July, October and January
        end as period,
        kpi.prefecture_code,
        kpi.area_level,
        kpi.area_code,
        kpi.numerator,
        kpi.denominator,
        kpi.completeness
    from {{ ref('kpi_monthly') }} as kpi
    cross join (values ('fiscal_quarter', 3), ('fiscal_year', 12)) as kind (period_kind, months_of_it)
),

summed as (
    select
        part.kpi_id,
        part.period_kind,
        part.period,
        part.prefecture_code,
        part.area_level,
        part.area_code,
        catalogue.kind,
        catalogue.per,
        cast(sum(part.numerator) as bigint) as numerator,
        cast(sum(part.denominator) as bigint) as denominator,
        case
            when bool_and(part.completeness = 'not_applicable') then 'not_applicable'
            when count(part.numerator) = 0 then 'missing'
            when count(*) filter (where part.completeness = 'complete') = max(part.months_of_it) then 'complete'
            else 'partial'
        end as completeness,
        cast(count(*) as integer) as months
    from part
    inner join {{ ref('kpi_catalogue') }} as catalogue
        on part.kpi_id = catalogue.kpi_id and catalogue.adds_over_time
    group by all
)

select
    kpi_id,
    period_kind,
    period,
    prefecture_code,
    area_level,
    area_code,
    numerator,
    denominator,
    {{ kpi_value('kind', 'numerator', 'denominator', 'per') }} as value,
    completeness,
    months,
    case
        when numerator is not null then null
        when completeness = 'not_applicable' then '-'
        else '…'
    end as mark
from summed
order by kpi_id, period_kind, period, area_level, area_code
