-- Grain: one KPI × area × month × member of a breakdown, as known at publication.
{%- set cells = ref('kpi_cell') %}
{%- for kpi_id in kpi_ids() if not execute or kpi_meta(kpi_id).get('dimensions') %}
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
from {{ cells }}
where is_member and kpi_id = '{{ kpi_id }}'
{% if not loop.last -%}
{{ next_part() }}
{%- endif %}
{%- endfor %}
