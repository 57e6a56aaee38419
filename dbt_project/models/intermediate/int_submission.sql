-- Grain: one sender × form × period: the submission that speaks for it, the current one or else the last attempt.
select
    sender_code,
    form,
    period,
    status,
    rows_total,
    rows_accepted,
    rows_rejected,
    received_at,
    is_current,
    min(received_at) filter (where stands) over (partition by sender_code, form, period) as first_accepted_at
from {{ ref('stg_submission') }}
qualify row_number() over (
    partition by sender_code, form, period order by is_current desc, arrival_order desc
) = 1
