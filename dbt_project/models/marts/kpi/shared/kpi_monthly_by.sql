-- Grain: one KPI × area × month × member of a breakdown, as known at publication.
select
    kpi_id,
    period,
    prefecture_code,
    area_level,
    area_code,
    dimension,
    member,
    numerator,
    denominator,
    value,
    completeness,
    submitted_areas,
    expected_areas,
    mark
from {{ ref('kpi_cell') }}
where is_member
order by kpi_id, period, area_level, area_code, dimension, member
