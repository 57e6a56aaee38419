-- Σ municipalities = region and Σ regions = prefecture, numerators and denominators alike, breakdowns included.
-- Medians and months elapsed do not add up.
{{ config(severity='error', meta={
    'reason': '市町村の合計が地域に、地域の合計が県に等しい。',
    'dagster': {'ref': {'name': 'kpi_monthly_by'}},
}) }}
with cell as (
    select
        kpi_id,
        period,
        area_level,
        area_code,
        null as dimension,
        null as member,
        numerator,
        denominator
    from {{ ref('kpi_monthly') }}
    union all
    select
        kpi_id,
        period,
        area_level,
        area_code,
        dimension,
        member,
        numerator,
        denominator
    from {{ ref('kpi_monthly_by') }}
),

parent as (
    select distinct
        'region' as area_level,
        region_code as area_code,
        'municipality' as part_level,
        municipality_code as part_code
    from {{ ref('dim_municipality') }}
    union all
    select distinct
        'prefecture' as area_level,
        build.prefecture_code as area_code,
        'region' as part_level,
        municipality.region_code as part_code
    from {{ ref('dim_municipality') }} as municipality
    cross join {{ ref('build') }} as build
),

summed as (
    select
        cell.kpi_id,
        cell.period,
        parent.area_level,
        parent.area_code,
        cell.dimension,
        cell.member,
        sum(cell.numerator) as numerator,
        sum(cell.denominator) as denominator
    from cell
    inner join {{ ref('kpi_catalogue') }} as catalogue
        on cell.kpi_id = catalogue.kpi_id and {{ is_summed('catalogue.kind') }}
    inner join parent on cell.area_level = parent.part_level and cell.area_code = parent.part_code
    group by all
)

select
    summed.kpi_id,
    summed.period,
    summed.area_code,
    summed.dimension,
    summed.member
from summed
inner join cell
    on
        summed.kpi_id = cell.kpi_id
        and summed.period = cell.period
        and summed.area_level = cell.area_level
        and summed.area_code = cell.area_code
        and summed.dimension is not distinct from cell.dimension
        and summed.member is not distinct from cell.member
where
    summed.numerator is distinct from cell.numerator
    or summed.denominator is distinct from cell.denominator
