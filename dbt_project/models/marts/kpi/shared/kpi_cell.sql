-- Grain: one KPI × month × area × (the KPI itself | a member of a breakdown).
-- Every cell has a row: zeros are filled in, unknowns marked.
with municipality_cell as (
    select
        status.kpi_id,
        status.period,
        status.area_code as municipality_code,
        kpi_member.dimension,
        kpi_member.member,
        -- What a municipality did not submit is unknown; what it submitted and did not count is zero.
        case when status.is_known then coalesce(observation.numerator, 0) end as numerator,
        case
            when status.is_known and catalogue.kind <> 'count' then coalesce(observation.denominator, 0)
        end as denominator
    from {{ ref('kpi_status') }} as status
    inner join {{ ref('kpi_catalogue') }} as catalogue on status.kpi_id = catalogue.kpi_id
    inner join {{ ref('kpi_member') }} as kpi_member on status.kpi_id = kpi_member.kpi_id
    left join {{ ref('kpi_observation') }} as observation
        on
            status.kpi_id = observation.kpi_id
            and status.period = observation.period
            and status.area_code = observation.municipality_code
            and kpi_member.dimension is not distinct from observation.dimension
            and kpi_member.member is not distinct from observation.member
    where status.area_level = 'municipality'
),

area_cell as (
    select
        cell.kpi_id,
        cell.period,
        area.area_level,
        area.area_code,
        cell.dimension,
        cell.member,
        cast(sum(cell.numerator) as bigint) as numerator,
        cast(sum(cell.denominator) as bigint) as denominator
    from municipality_cell as cell
    inner join {{ ref('int_area_municipality') }} as area on cell.municipality_code = area.municipality_code
    group by cell.kpi_id, cell.period, area.area_level, area.area_code, cell.dimension, cell.member
)

select
    cell.kpi_id,
    cell.period,
    build.prefecture_code,
    cell.area_level,
    cell.area_code,
    cell.dimension,
    cell.member,
    cell.numerator,
    cell.denominator,
    case catalogue.kind
        when 'count' then cast(cell.numerator as double)
        when 'share' then cast(cell.numerator as double) / nullif(cell.denominator, 0)
        when 'rate' then cast(cell.numerator as double) / nullif(cell.denominator, 0) * catalogue.per
    end as value,
    status.completeness,
    status.submitted_areas,
    status.expected_areas,
    case
        when cell.numerator is not null then null
        when status.completeness = 'not_applicable' then '-'
        else '…'
    end as mark
from area_cell as cell
inner join {{ ref('kpi_catalogue') }} as catalogue on cell.kpi_id = catalogue.kpi_id
inner join {{ ref('kpi_status') }} as status
    on
        cell.kpi_id = status.kpi_id
        and cell.period = status.period
        and cell.area_level = status.area_level
        and cell.area_code = status.area_code
cross join {{ ref('stg_build') }} as build
