-- Grain: one KPI × municipality × month × (the KPI itself | a member of a breakdown) that its model counted in.
{% for kpi_id in kpi_ids() -%}
select
    '{{ kpi_id }}' as kpi_id,
    area_code,
    period,
    dimension,
    coalesce(member, case when dimension is not null then 'unknown' end) as member,
    numerator,
    denominator
from {{ ref(kpi_id) }}
{% if not loop.last -%}
{{ next_part() }}
{% endif -%}
{%- endfor %}
