-- Grain: one KPI × month × area × (the KPI itself | a member of a breakdown).
-- Every cell has a row: zeros are filled in, unknowns marked.
-- In two halves, told apart by a constant: who asks for one of them leaves the other uncounted.
{%- set halves = {'whole': 'is null', 'member': 'is not null'} %}
with
{%- for half, told_by in halves.items() %}
counted_{{ half }} as (
    -- What is counted is summed over the municipalities that are known.
    select
        observation.kpi_id,
        observation.period,
        area.area_code,
        observation.dimension,
        observation.member,
        cast(sum(observation.numerator) as bigint) as numerator,
        cast(sum(observation.denominator) as bigint) as denominator
    from {{ ref('kpi_observation') }} as observation
    inner join {{ ref('kpi_catalogue') }} as catalogue
        on observation.kpi_id = catalogue.kpi_id and {{ is_summed('catalogue.kind') }}
    inner join {{ ref('kpi_status') }} as status
        on
            observation.kpi_id = status.kpi_id
            and observation.period = status.period
            and observation.area_code = status.area_code
            and status.is_known
    inner join {{ ref('int_area_municipality') }} as area on observation.area_code = area.municipality_code
    where observation.dimension {{ told_by }}
    group by observation.kpi_id, observation.period, area.area_code, observation.dimension, observation.member
    union all
    -- A median or a time elapsed is not: its model says it for every area that has one.
    select
        observation.kpi_id,
        observation.period,
        observation.area_code,
        observation.dimension,
        observation.member,
        observation.numerator,
        observation.denominator
    from {{ ref('kpi_observation') }} as observation
    inner join {{ ref('kpi_catalogue') }} as catalogue
        on observation.kpi_id = catalogue.kpi_id and not {{ is_summed('catalogue.kind') }}
    where observation.dimension {{ told_by }}
),

cell_{{ half }} as (
    select
        status.kpi_id,
        status.period,
        status.area_level,
        status.area_code,
        kpi_member.dimension,
        kpi_member.member,
        catalogue.kind,
        catalogue.per,
        -- What was not submitted is unknown; what was submitted and not counted is zero.
        case
            when status.is_known and {{ is_summed('catalogue.kind') }} then coalesce(counted.numerator, 0)
            when status.is_known then counted.numerator
        end as numerator,
        case
            when status.is_known and catalogue.kind in ('share', 'rate') then coalesce(counted.denominator, 0)
        end as denominator,
        status.completeness,
        status.submitted_areas,
        status.expected_areas,
        status.is_known
    from {{ ref('kpi_status') }} as status
    inner join {{ ref('kpi_catalogue') }} as catalogue on status.kpi_id = catalogue.kpi_id
    inner join {{ ref('kpi_member') }} as kpi_member on status.kpi_id = kpi_member.kpi_id
    left join counted_{{ half }} as counted
        on
            status.kpi_id = counted.kpi_id
            and status.period = counted.period
            and status.area_code = counted.area_code
            {%- if half == 'member' %}
            and kpi_member.dimension = counted.dimension
            and kpi_member.member = counted.member
            {%- endif %}
    where kpi_member.dimension {{ told_by }}
),
{%- endfor %}

cell as (
    select
        *,
        false as is_member
    from cell_whole
    union all
    select
        *,
        true as is_member
    from cell_member
)

select
    cell.kpi_id,
    cell.period,
    build.prefecture_code,
    cell.area_level,
    cell.area_code,
    cell.dimension,
    cell.member,
    cell.is_member,
    cell.numerator,
    cell.denominator,
    {{ kpi_value('cell.kind', 'cell.numerator', 'cell.denominator', 'cell.per') }} as value,
    cell.completeness,
    cell.submitted_areas,
    cell.expected_areas,
    case
        when cell.numerator is not null then null
        when cell.completeness = 'not_applicable' then '-'
        -- Known, and there is nothing to tell: a median that was never reached, a town never supported.
        when cell.is_known then '-'
        when cell.kind = 'elapsed' and cell.area_level <> 'municipality' then '-'
        else '…'
    end as mark
from cell
cross join {{ ref('stg_build') }} as build
