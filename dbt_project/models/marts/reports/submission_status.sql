-- Grain: one sender × form × period of the grid that is expected or for which something came.
select distinct
    sender_code,
    form,
    form_period as period,
    is_expected as expected,
    status,
    completeness,
    rows_total,
    rows_accepted,
    rows_rejected,
    received_at,
    is_on_time
from {{ ref('fct_form_status') }}
where is_expected or status is not null
