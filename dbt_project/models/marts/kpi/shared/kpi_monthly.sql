-- Grain: one KPI × area × month, as known at publication.
select
    kpi_id,
    period,
    prefecture_code,
    area_level,
    area_code,
    numerator,
    denominator,
    value,
    completeness,
    submitted_areas,
    expected_areas,
    mark
from {{ ref('kpi_cell') }}
where not is_member
