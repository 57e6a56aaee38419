-- Grain: one payment of a fiscal year (a refund is negative).
select
    municipality_code,
    {{ fiscal_year('period') }} as fiscal_year,
    payment_no,
    source,
    field,
    paid_on,
    amount_yen
from {{ ref('stg_grant_payment') }}
