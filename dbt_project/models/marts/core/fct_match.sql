-- Grain: one match of a municipality: its row in the newest ledger (by the ledger's month) that lists it.
select
    municipality_code,
    period,
    match_no,
    case_no,
    matched_ym,
    resource_type,
    resource_origin,
    match_status,
    followups,
    ended_ym
from {{ ref('stg_participation') }}
qualify row_number() over (partition by municipality_code, match_no order by period desc) = 1
