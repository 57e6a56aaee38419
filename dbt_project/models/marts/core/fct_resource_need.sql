-- Grain: one need for a resource of a municipality: its row in the newest ledger (by the ledger's month) that lists it.
select
    municipality_code,
    period,
    need_no,
    raised_ym,
    resource_type,
    gap_reason,
    raised_at,
    need_status,
    resolved_ym
from {{ ref('stg_resource_need') }}
qualify row_number() over (partition by municipality_code, need_no order by period desc) = 1
