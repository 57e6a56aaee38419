-- Grain: one case that outreach met in person, with the first month of it.
select
    municipality_code,
    case_no,
    min(period) as first_met_ym
from {{ ref('stg_outreach') }}
where met_person
group by municipality_code, case_no
