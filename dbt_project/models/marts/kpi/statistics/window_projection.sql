-- Grain: one month from the data month to the target date.
select
    period,
    municipalities,
    lower_80,
    upper_80,
    lower_95,
    upper_95,
    method
from {{ ref('window_outlook') }}
