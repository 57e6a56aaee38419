-- Grain: one consultation of a municipality and month.
select
    municipality_code,
    period,
    consultation_no,
    received_ym,
    referral_route,
    window_field,
    age_band,
    household_type,
    issue_flags,
    is_complex,
    gap_need,
    gap_reason,
    screening_result,
    referred_to
from {{ ref('stg_consultation') }}
