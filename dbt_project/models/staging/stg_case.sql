-- Grain: one case in one month's ledger.
with source as (
    select * from {{ source('lake', 'case') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.case_no,
        source.consultation_no,
        source.service,
        source.accepted_ym,
        source.referred_from,
        source.age_band,
        source.household_type,
        source.issue_flags,
        source.gap_need,
        source.gap_reason,
        source.gap_response,
        source.consent_status,
        source.consent_ym,
        source.assessed_ym,
        source.planned_ym,
        source.replan_count,
        source.conferenced_ym,
        source.started_ym,
        source.returned_ym,
        source.closed_ym,
        source.closure_type,
        source.lead_agency_after,
        source.evaluation_changes,
        source.reopened_from
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
