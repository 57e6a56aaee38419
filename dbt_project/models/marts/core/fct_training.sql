-- Grain: one municipality's attendance at one training session.
select
    municipality_code,
    period,
    training_no,
    held_on,
    training_theme,
    dispatch_mode,
    attendees
from {{ ref('stg_training') }}
