-- Grain: one form.
select
    form,
    label_ja,
    cadence,
    sender
from {{ ref('stg_form') }}
