-- Grain: one case in one month's ledger, beside the nearest ledgers before and after that list it too.
select
    municipality_code,
    period,
    case_no,
    {{ is_active('closed_ym', 'returned_ym', 'period') }} as is_active,
    lag(period) over case_ledgers as previous_period,
    lag(is_active) over case_ledgers as previous_is_active,
    lead(period) over case_ledgers as next_period,
    lead(is_active) over case_ledgers as next_is_active
from {{ ref('stg_case') }}
window case_ledgers as (partition by municipality_code, case_no order by period)
