-- Grain: one municipality × fiscal year × component × stage × seq.
select
    municipality_code,
    {{ fiscal_year('period') }} as fiscal_year,
    component,
    stage,
    seq,
    dated_on,
    total_cost,
    other_income,
    base_amount,
    eligible_actual,
    national_share,
    prefectural_share,
    municipal_share
from {{ ref('stg_grant') }}
