-- Grain: one case under support at the end of a month, as the ledger of that very month says.
select
    municipality_code,
    period,
    case_no,
    service,
    gap_need,
    gap_response
from {{ ref('stg_case') }}
where {{ is_active('closed_ym', 'returned_ym', 'period') }}
