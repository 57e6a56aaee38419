-- Grain: one KPI × (the KPI itself: dimension and member null | a member of a breakdown).
-- What is here has a row for every area and month.
select
    kpi_id,
    cast(null as varchar) as dimension,
    cast(null as varchar) as member
from {{ ref('kpi_catalogue') }}
union all
select
    breakdown.kpi_id,
    breakdown.dimension,
    code.code as member
from {{ ref('kpi_breakdown') }} as breakdown
inner join {{ ref('stg_code') }} as code on breakdown.code_list = code.code_list
union
-- A blank is a member of its own; a list that has the code `unknown` already holds it.
select
    kpi_id,
    dimension,
    'unknown' as member
from {{ ref('kpi_breakdown') }}
where may_be_blank
