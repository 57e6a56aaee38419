-- Grain: one case under support at the end of a month, as the ledger of that very month says.
select
    municipality_code,
    period,
    case_no,
    service
from {{ ref('stg_case') }}
where
    (closed_ym is null or closed_ym > period)
    and (returned_ym is null or returned_ym > period)
