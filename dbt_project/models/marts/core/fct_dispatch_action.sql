-- Grain: one action agreed on: its row in the prefecture's newest ledger (by the ledger's month) that lists it.
select
    municipality_code,
    period,
    action_no,
    dispatch_no,
    advice_topic,
    due_on,
    action_status,
    done_on
from {{ ref('stg_dispatch_action') }}
qualify row_number() over (partition by action_no order by period desc) = 1
