-- Grain: one dispatch: its row in the prefecture's newest ledger (by the ledger's month) that lists it.
select
    municipality_code,
    period,
    dispatch_no,
    requested_on,
    visited_on,
    adviser_kind,
    dispatch_mode,
    advice_topics,
    attendees,
    sections,
    non_welfare_present,
    dispatch_status
from {{ ref('stg_dispatch') }}
qualify row_number() over (partition by dispatch_no order by period desc) = 1
