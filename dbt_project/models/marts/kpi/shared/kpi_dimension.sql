-- Grain: one KPI × dimension it is broken down by.
select
    kpi_id,
    dimension,
    label_ja,
    code_list
from {{ ref('kpi_breakdown') }}
