-- Grain: one consultation of a current file.
with source as (
    select * from {{ source('lake', 'consultation') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.consultation_no,
        source.received_ym,
        source.referral_route,
        source.window_field,
        source.age_band,
        source.household_type,
        source.issue_flags,
        source.is_complex,
        source.gap_need,
        source.gap_reason,
        source.screening_result,
        source.referred_to
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
