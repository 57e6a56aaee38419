-- Grain: one support a municipality received: a dispatch that was done, or a training session it attended.
select
    municipality_code,
    'dispatch' as kind,
    dispatch_no as support_no,
    visited_on as received_on
from {{ ref('fct_dispatch') }}
where dispatch_status = 'done'
union all
select
    municipality_code,
    'training' as kind,
    training_no as support_no,
    held_on as received_on
from {{ ref('fct_training') }}
where attendees >= 1
